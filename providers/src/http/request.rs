//! One outgoing request: where to, in whose name, within which hosts, and what it costs.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::SecretString;
use url::Url;

use crate::pacing::Toll;
use crate::{Error, ErrorKind, Result};

/// `Debug` shows method, host and path; never query, headers, body or token.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    pub(super) bearer: Option<SecretString>,
    pub(super) toll: Option<Toll>,
    pub(super) home: Url,
    pub(super) hosts: &'static [&'static str],
}

impl Request {
    /// To an address that configuration named; redirects must stay at its origin unless `within` says otherwise.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            home: url.clone(),
            url,
            headers: HeaderMap::new(),
            body: None,
            bearer: None,
            toll: None,
            hosts: &[],
        }
    }

    /// For an address that arrived in an answer, and for redirects: the origin of `home`, or a host named in `hosts`
    /// (`.example.com` covers every host below it) is fine, every other is refused.
    pub fn within(mut self, home: &Url, hosts: &'static [&'static str]) -> Self {
        self.home = home.clone();
        self.hosts = hosts;
        self
    }

    /// Sent to the first origin only, never along a redirect to another.
    pub fn bearer(mut self, token: &SecretString) -> Self {
        self.bearer = Some(token.clone());
        self
    }

    /// Sent to the first origin only, like the token.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| Error::new(ErrorKind::BadRequest, format!("{name} cannot be sent")))?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    pub fn body(mut self, mime_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(mime_type));
        self.body = Some(body.into());
        self
    }

    /// A body whose type `header` has set.
    pub fn raw_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Bytes as they are stored: without compression on the way, so that lengths and ranges mean what they say.
    pub fn identity(mut self) -> Self {
        self.headers.insert(http::header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        self
    }

    pub fn toll(mut self, toll: Toll) -> Self {
        self.toll = Some(toll);
        self
    }

    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "{} {host}{}", self.method, self.url.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_neither_query_nor_token() {
        let url = Url::parse("https://www.googleapis.com/drive/v3/files?q=private").expect("url");
        let request =
            Request::new(Method::GET, url).bearer(&SecretString::from("ya29.secret")).body("text/plain", "hidden");
        let shown = format!("{request:?}");
        assert_eq!(shown, "GET www.googleapis.com/drive/v3/files");
    }
}
