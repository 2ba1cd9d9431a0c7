//! What can go wrong between Hawser and a cloud: a closed kind, and whether and when trying again can help.
//! Each cloud maps its own statuses and bodies in one table at the foot of its `mod.rs`.

use std::time::Duration;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed call to a cloud. `message` is the cloud's own words, already stripped of tokens and signed URLs.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind:?}: {message}")]
pub struct Error {
    pub kind: ErrorKind,
    pub retry: Retry,
    pub message: String,
    /// HTTP status, when an answer arrived at all.
    pub status: Option<u16>,
    /// The vendor's own reason word (`userRateLimitExceeded`, `invalid_grant`, …).
    pub reason: Option<String>,
}

/// Why a call failed, in words every cloud shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The access token is expired or unknown: refresh once and repeat.
    AccessExpired,
    /// The grant itself is gone (`invalid_grant`): only the user can mend it by connecting again.
    GrantRevoked,
    /// The client id or secret is wrong: only the administrator can mend it.
    BadClient,
    /// The granted scopes do not cover this call.
    MissingScope,
    /// No such file, or no access to it; clouds do not tell the two apart.
    NotFound,
    /// The file is there, but policy forbids this operation on it.
    Forbidden,
    /// Too many calls; `retry` says how long to stay away.
    RateLimited,
    /// The day's allowance is used up.
    QuotaExhausted,
    /// The feed's cursor is no longer understood: open a new one and reconcile.
    CursorInvalid,
    /// The result is over the cloud's size limit for this way of asking.
    TooLarge,
    /// This cloud or this file has no such feature.
    Unsupported,
    /// The requested byte range lies outside the file.
    RangeNotSatisfiable,
    /// The cloud refused our request as malformed: a defect of ours or of the configuration.
    BadRequest,
    /// 5xx, time-out, reset connection, DNS: passing trouble.
    Unavailable,
    /// An answer that cannot be read: truncated JSON, HTML instead of JSON, a missing field.
    Malformed,
    /// The address is not one we may talk to (private network, foreign host, plain http).
    AddressRefused,
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Trying again cannot help.
    Never,
    /// The usual exponential backoff.
    Backoff,
    /// Not before this long from now (`Retry-After`, clamped to one hour).
    After(Duration),
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Malformed => Retry::Backoff,
            ErrorKind::QuotaExhausted => Retry::After(Duration::from_secs(3600)),
            _ => Retry::Never,
        };
        Self { kind, retry, message: message.into(), status: None, reason: None }
    }

    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub fn unsupported(what: &str) -> Self {
        Self::new(ErrorKind::Unsupported, format!("{what} is not offered by this cloud"))
    }
}
