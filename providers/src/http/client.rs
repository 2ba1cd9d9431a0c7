//! Sends requests: pays the toll, checks the address before every hop, follows few redirects and hands on no token.

use std::sync::Arc;

use http::{HeaderMap, Method, header};
use secrecy::ExposeSecret;
use tracing::Instrument;
use url::{Origin, Url};

use super::address::{CheckedResolver, Refused};
use super::policy::is_loopback;
use super::{Answer, Policy, Request, Whole, scrub};
use crate::pacing::{Clock, Pacing};
use crate::{Error, ErrorKind, Result};

const MAX_REDIRECTS: usize = 3;

/// The outgoing client; clones share connections and pacing.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    policy: Arc<Policy>,
    pacing: Pacing,
}

impl Client {
    /// Builds the client; fails when the TLS back end cannot start.
    pub fn new(policy: Policy) -> Result<Self> {
        Self::with_clock(policy, Clock::system())
    }

    /// The same with a clock that tests can turn.
    pub fn with_clock(policy: Policy, clock: Clock) -> Result<Self> {
        Self::paced(policy, Pacing::new(clock))
    }

    /// The same, as fast as this allows.
    pub fn paced(policy: Policy, pacing: Pacing) -> Result<Self> {
        let policy = Arc::new(policy);
        let inner = reqwest::Client::builder()
            // Google compresses only for agents that say so here as well (Drive guide, "Improve performance").
            .user_agent(concat!("hawser/", env!("CARGO_PKG_VERSION"), " (gzip)"))
            .redirect(reqwest::redirect::Policy::none())
            // A proxy from the environment would connect in our place, past the address check.
            .no_proxy()
            .dns_resolver(Arc::new(CheckedResolver { policy: policy.clone() }))
            .connect_timeout(policy.connect_timeout)
            .read_timeout(policy.idle_timeout)
            .build()
            .map_err(transport)?;
        Ok(Self { inner, policy, pacing })
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn pacing(&self) -> &Pacing {
        &self.pacing
    }

    /// The answer, whatever its status, with its body still to be read. Only `GET` follows redirects.
    pub async fn open(&self, request: Request) -> Result<Answer> {
        if let Some(toll) = &request.toll {
            self.pacing.acquire(toll).await?;
        }
        self.travel(request).await
    }

    /// The whole answer, whatever its status, within the policy's JSON time and at most `max` bytes.
    pub async fn fetch(&self, request: Request, max: u64) -> Result<Whole> {
        if let Some(toll) = &request.toll {
            self.pacing.acquire(toll).await?;
        }
        let call = async { self.travel(request).await?.whole(max).await };
        tokio::time::timeout(self.policy.json_timeout, call)
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "the cloud did not finish its answer in time")))
    }

    async fn travel(&self, request: Request) -> Result<Answer> {
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.policy.check(&url)?;
            self.check_host(&url, &request)?;
            let answer = self.hop(&url, &request).await?;
            match target(&request.method, &url, &answer)? {
                None => return Ok(answer),
                Some(next) => url = next,
            }
        }
        Err(Error::new(ErrorKind::Malformed, "the cloud redirected too often"))
    }

    async fn hop(&self, url: &Url, request: &Request) -> Result<Answer> {
        let span = tracing::debug_span!(
            "cloud_call",
            method = %request.method,
            host = url.host_str().unwrap_or_default(),
            // The path of a foreign host is often the secret itself (thumbnails, signed downloads).
            path = if url.origin() == request.home.origin() { url.path() } else { "…" },
        );
        let mut builder = self.inner.request(request.method.clone(), url.clone());
        if url.origin() == request.url.origin() {
            builder = builder.headers(request.headers.clone());
            if let Some(token) = &request.bearer {
                builder = builder.bearer_auth(token.expose_secret());
            }
        } else {
            builder = builder.headers(harmless(&request.headers));
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().instrument(span.clone()).await.map_err(transport)?;
        span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "cloud answered"));
        Ok(Answer::new(response))
    }

    fn check_host(&self, url: &Url, request: &Request) -> Result<()> {
        let loopback = |url: &Url| url.host().is_some_and(|host| is_loopback(&host));
        let at_home = url.origin() == request.home.origin()
            || (self.policy.allow_loopback_http && loopback(url) && loopback(&request.home));
        let host = url.host_str().unwrap_or_default();
        if at_home || is_among(host, request.hosts) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::AddressRefused, format!("{host} is not a host of this cloud")))
    }
}

/// `.example.com` covers every host below `example.com`; a name without a dot in front covers itself.
fn is_among(host: &str, hosts: &[&str]) -> bool {
    hosts.iter().any(|allowed| {
        if allowed.starts_with('.') { host.len() > allowed.len() && host.ends_with(allowed) } else { host == *allowed }
    })
}

/// Headers that may travel to another origin.
fn harmless(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in [header::RANGE, header::ACCEPT, header::ACCEPT_ENCODING] {
        if let Some(value) = headers.get(&name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

/// Where a redirect leads. A redirected write is refused: its body might reach somebody else.
fn target(method: &Method, from: &Url, answer: &Answer) -> Result<Option<Url>> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let malformed = |what| Error::new(ErrorKind::Malformed, what).with_status(answer.status.as_u16());
    if method != Method::GET {
        return Err(malformed("the cloud redirected a write"));
    }
    let location = answer
        .headers
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| malformed("a redirect without a place to go"))?;
    let next = from.join(location).map_err(|_| malformed("a redirect to an unreadable address"))?;
    match (from.origin(), next.scheme()) {
        (Origin::Tuple(scheme, ..), "http") if scheme == "https" => {
            Err(Error::new(ErrorKind::AddressRefused, "a redirect from https to plain http"))
        }
        _ => Ok(Some(next)),
    }
}

/// A failure below HTTP, without the address it happened at.
pub(super) fn transport(error: reqwest::Error) -> Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if cause.is::<Refused>() {
            return Error::new(ErrorKind::AddressRefused, Refused.to_string());
        }
        source = cause.source();
    }
    let what = if error.is_timeout() {
        "the cloud did not answer in time"
    } else if error.is_connect() {
        "no connection to the cloud"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else if error.is_builder() {
        return Error::new(ErrorKind::BadRequest, scrub(&error.without_url().to_string()));
    } else {
        "the call to the cloud failed"
    };
    let root = root_words(&error);
    Error::new(ErrorKind::Unavailable, format!("{what}: {root}"))
}

fn root_words(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    // The outermost error of reqwest names the URL; those below do not.
    if std::ptr::addr_eq(deepest, error) {
        return "no further cause".into();
    }
    scrub(&deepest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_gets_no_connection_even_past_the_first_check() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let client = Client::new(Policy::default()).expect("a client");
        for scheme in ["http", "https"] {
            let url: Url = format!("{scheme}://localhost:{port}/").parse().expect("a url");
            // Straight to the connector, as a rebound name would get there.
            let error = client.hop(&url, &Request::new(Method::GET, url.clone())).await.expect_err("a refusal");
            assert_eq!(error.kind, ErrorKind::AddressRefused, "{error}");
        }
        let knocked = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
        assert!(knocked.is_err(), "somebody connected");
    }

    #[test]
    fn hosts_are_matched_whole_or_below_a_dot() {
        let hosts = &[".googleapis.com", "exact.example"];
        assert!(is_among("www.googleapis.com", hosts));
        assert!(is_among("exact.example", hosts));
        for host in ["googleapis.com", "evilgoogleapis.com", "googleapis.com.evil.example", "x.exact.example", ""] {
            assert!(!is_among(host, hosts), "{host}");
        }
    }
}
