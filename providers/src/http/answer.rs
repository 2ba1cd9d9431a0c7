//! What came back: a body still on its way, or a whole one that was counted while it was read.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode, header};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{client::transport, retry_after};
use crate::{Error, ErrorKind, Result};

/// An answer of any status whose body has not been read yet.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    response: reqwest::Response,
}

/// An answer of any status, read to its end.
#[derive(Clone)]
pub struct Whole {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self { status: response.status(), headers: response.headers().clone(), response }
    }

    /// Bytes of the body, when the cloud says.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The body as it arrives. Ends with `Unavailable` when it breaks off.
    pub fn into_stream(self) -> Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>> {
        Box::pin(self.response.bytes_stream().map(|chunk| chunk.map_err(transport)))
    }

    /// Reads at most `max` bytes; more are `TooLarge`, and what lies beyond is never held.
    pub async fn whole(self, max: u64) -> Result<Whole> {
        let Self { status, headers, mut response } = self;
        let too_large =
            || Error::new(ErrorKind::TooLarge, format!("the answer is over {max} bytes")).with_status(status.as_u16());
        if response.content_length().is_some_and(|length| length > max) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() as u64 + chunk.len() as u64 > max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Whole { status, headers, body: body.freeze() })
    }
}

impl Whole {
    /// The body as `T`. HTML, truncated text, a missing field, or an error wrapped in a 200 are all `Malformed`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let malformed = |what: String| Error::new(ErrorKind::Malformed, what).with_status(self.status.as_u16());
        if let Some(mime) = self.mime_type()
            && !mime.contains("json")
        {
            return Err(malformed(format!("expected JSON, the cloud sent {mime}")));
        }
        if self.status.is_success() && is_wrapped_error(&self.body) {
            return Err(malformed("an error came with a status of success".into()));
        }
        // serde_json's own words may quote the value it stumbled over; the position alone is safe.
        serde_json::from_slice(&self.body).map_err(|error| {
            malformed(format!(
                "unreadable JSON ({:?} at line {}, column {})",
                error.classify(),
                error.line(),
                error.column()
            ))
        })
    }

    /// The MIME type without its parameters, in lower case.
    pub fn mime_type(&self) -> Option<String> {
        mime_type(&self.headers)
    }
}

/// The MIME type of an answer without its parameters, in lower case.
pub(crate) fn mime_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mime = value.split(';').next().unwrap_or_default().trim();
    (!mime.is_empty()).then(|| mime.to_ascii_lowercase())
}

/// The wait an answer asks for, if it asks for one we believe.
pub(crate) fn asked_wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    retry_after(headers.get(header::RETRY_AFTER)?.to_str().ok()?, now)
}

fn is_wrapped_error(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Probe {
        error: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Probe>(body).is_ok_and(|probe| probe.error.is_some())
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

impl std::fmt::Debug for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Whole({}, {} bytes)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Thing {
        id: String,
    }

    fn whole(status: u16, mime: &'static str, body: &'static str) -> Whole {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(mime));
        Whole {
            status: StatusCode::from_u16(status).expect("a status"),
            headers,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn good_json_is_read_whatever_the_charset_says() {
        let thing: Thing = whole(200, "application/json; charset=UTF-8", r#"{"id":"a"}"#).json().expect("a thing");
        assert_eq!(thing.id, "a");
    }

    #[test]
    fn answers_that_are_not_what_was_asked_for_are_malformed_and_quote_nothing() {
        let bomb: &'static str = Box::leak("[".repeat(100_000).into_boxed_str());
        for (mime, body) in [
            ("application/json", r#"{"id":"secret-va"#),
            ("application/json", ""),
            ("application/json", r#"{"id":17,"x":"secret-va"}"#),
            ("application/json", r#"{"other":"secret-va"}"#),
            ("application/json", bomb),
            ("text/html", "<html>secret-va</html>"),
            ("application/json", r#"{"error":{"code":500},"id":"secret-va"}"#),
        ] {
            let error = whole(200, mime, body).json::<Thing>().expect_err(body);
            assert_eq!(error.kind, ErrorKind::Malformed, "{body}");
            assert!(!error.message.contains("secret"), "{}", error.message);
        }
    }
}
