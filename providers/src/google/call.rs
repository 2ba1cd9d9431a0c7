//! How a call to Drive is put together and paid for, and how a refusal is read.

use http::Method;
use serde::de::DeserializeOwned;
use url::Url;

use super::{Google, classify, wire};
use crate::http::{Answer, Request, Whole, asked_wait, scrub};
use crate::pacing::{self, Bucket, Toll};
use crate::{Access, Error, ErrorKind, Result, Retry};

/// Quota units by kind of call (usage limits page of the Drive API, May 2026).
pub const GET: u32 = 5;
pub const LIST: u32 = 100;
pub const EDIT: u32 = 50;
pub const DOWNLOAD: u32 = 200;

const PER_CONNECTION: u32 = 325_000;
const PER_PROVIDER: u32 = 1_000_000;

/// Hosts that links in Drive's answers may lead to, with our token.
pub const HOSTS: &[&str] = &[".googleapis.com", ".googleusercontent.com", ".google.com"];

/// An error body is small; what goes beyond is not worth reading.
const MAX_REFUSAL: u64 = 64 * 1024;

impl Google {
    pub(super) fn api(&self) -> Result<&Url> {
        self.api.as_ref().ok_or_else(|| bad_request("the API address of this provider cannot be read"))
    }

    /// `segments` below the API root, each encoded; nothing in an id can climb out of its segment.
    pub(super) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url> {
        let mut url = self.api()?.clone();
        {
            let mut path = url.path_segments_mut().map_err(|()| bad_request("the API address cannot have a path"))?;
            path.pop_if_empty();
            for segment in segments {
                // `.` and `..` would be swallowed silently.
                if segment.is_empty() || matches!(*segment, "." | "..") {
                    return Err(Error::new(ErrorKind::NotFound, "an id that no file can have"));
                }
                path.push(segment);
            }
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    pub(super) fn get(&self, access: &Access, url: Url, units: u32) -> Result<Request> {
        self.request(Method::GET, access, url, units)
    }

    pub(super) fn request(&self, method: Method, access: &Access, url: Url, units: u32) -> Result<Request> {
        let request = Request::new(method, url).within(self.api()?, HOSTS);
        Ok(request.bearer(&access.token).toll(self.toll(access, units)))
    }

    fn toll(&self, access: &Access, units: u32) -> Toll {
        let shared = Bucket {
            provider: self.settings.provider_id.as_str().into(),
            scope: None,
            class: "units",
            per_minute: PER_PROVIDER,
        };
        Toll { buckets: vec![self.bucket(access), shared], units }
    }

    fn bucket(&self, access: &Access) -> Bucket {
        Bucket {
            provider: self.settings.provider_id.as_str().into(),
            scope: Some(access.connection_id.as_str().into()),
            class: "units",
            per_minute: PER_CONNECTION,
        }
    }

    /// The whole answer of a call that succeeded.
    pub(super) async fn fetch(&self, access: &Access, request: Request) -> Result<Whole> {
        let whole = self.http.fetch(request, self.http.policy().max_json).await.map_err(oversized)?;
        if whole.status.is_success() {
            return Ok(whole);
        }
        Err(self.refusal(access, &whole).await.error)
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, access: &Access, request: Request) -> Result<T> {
        self.fetch(access, request).await?.json()
    }

    /// An answer whose body streams; anything but success is read as a refusal.
    pub(super) async fn open(&self, access: &Access, request: Request) -> Result<Answer> {
        let answer = self.http.open(request).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        let (status, headers) = (answer.status, answer.headers.clone());
        let whole = answer.whole(MAX_REFUSAL).await.unwrap_or(Whole { status, headers, body: Default::default() });
        Err(self.refusal(access, &whole).await.error)
    }

    /// Reads a refusal, and keeps the connection away for as long as the cloud asked.
    pub(super) async fn refusal(&self, access: &Access, whole: &Whole) -> Refusal {
        let mut refusal = Refusal::read(whole);
        let is_pace = refusal.error.kind == ErrorKind::RateLimited;
        if is_pace || refusal.error.kind == ErrorKind::Unavailable {
            let wait = asked_wait(&whole.headers, self.http.pacing().clock().utc());
            self.http.pacing().refused(&self.bucket(access), pacing::Refusal { wait, is_pace }).await;
            refusal.error.retry = wait.map_or(refusal.error.retry, Retry::After);
        }
        refusal
    }
}

/// What the cloud said no with.
pub struct Refusal {
    pub error: Error,
    /// The parameter it complains about.
    pub location: Option<String>,
}

impl Refusal {
    pub fn read(whole: &Whole) -> Self {
        let status = whole.status.as_u16();
        let envelope = serde_json::from_slice::<wire::Envelope>(&whole.body).ok();
        let (message, reason, location) = match envelope.map(|envelope| envelope.error) {
            Some(wire::Failure::Api { message, errors, details }) => {
                let first = errors.into_iter().next();
                let location = first.as_ref().and_then(|first| first.location.clone());
                let reason = first.and_then(|first| first.reason);
                let detail = details.into_iter().find_map(|detail| detail.reason);
                (message, reason.or(detail), location)
            }
            Some(wire::Failure::Word(word)) => (String::new(), Some(word), None),
            None => (String::new(), None, None),
        };
        let kind = classify(status, reason.as_deref(), &message);
        let message =
            if message.is_empty() { format!("the cloud answered with status {status}") } else { scrub(&message) };
        let mut error = Error::new(kind, message).with_status(status);
        error.reason = reason;
        Self { error, location }
    }
}

/// An answer that ought to be JSON and is too big to be read is as good as unreadable.
fn oversized(error: Error) -> Error {
    match error.kind {
        ErrorKind::TooLarge => Error { kind: ErrorKind::Malformed, retry: Retry::Backoff, ..error },
        _ => error,
    }
}

pub fn bad_request(what: &str) -> Error {
    Error::new(ErrorKind::BadRequest, what)
}

/// The header value that opens link-shared files; `None` when nothing asks for it.
pub fn resource_keys<'a>(pairs: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Option<String> {
    let pairs: Vec<_> = pairs
        .filter_map(|(id, key)| Some((id, key?)))
        .filter(|(id, key)| is_token(id) && is_token(key))
        .map(|(id, key)| format!("{id}/{key}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// The characters of Drive's ids and keys.
pub fn is_token(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

pub fn with_resource_keys(request: Request, keys: Option<String>) -> Result<Request> {
    match keys {
        Some(keys) => request.header("x-goog-drive-resource-keys", &keys),
        None => Ok(request),
    }
}
