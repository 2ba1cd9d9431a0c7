//! What a cloud's refusal means for the house. The only place that says so.

use hawser_providers::{self as providers, ErrorKind, Retry};
use uuid::Uuid;

use crate::{App, Error};

/// A lost grant asks for its owner, passing trouble and a wrong client are the provider's; the rest is the answer to
/// one call and keeps its kind.
pub fn cloud_error(app: &App, connection: Uuid, error: providers::Error) -> Error {
    let retry_at = match error.retry {
        Retry::After(wait) => Some(app.clock.now() + wait),
        Retry::Backoff | Retry::Never => None,
    };
    match error.kind {
        ErrorKind::AccessExpired | ErrorKind::GrantRevoked => Error::NeedsReauth { connection },
        ErrorKind::BadClient => Error::ProviderUnavailable {
            message: format!(
                "it does not accept this installation's client id or secret; an administrator has to correct the provider ({})",
                error.message
            ),
            retry_at: None,
        },
        ErrorKind::Unavailable | ErrorKind::Malformed => {
            Error::ProviderUnavailable { message: error.message, retry_at }
        }
        // Being told to wait is no failed attempt, so these keep their kind.
        ErrorKind::RateLimited
        | ErrorKind::QuotaExhausted
        | ErrorKind::MissingScope
        | ErrorKind::NotFound
        | ErrorKind::Forbidden
        | ErrorKind::CursorInvalid
        | ErrorKind::TooLarge
        | ErrorKind::Unsupported
        | ErrorKind::RangeNotSatisfiable
        | ErrorKind::BadRequest
        | ErrorKind::AddressRefused => Error::Cloud(error),
    }
}
