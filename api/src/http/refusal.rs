//! An error of the house as a plain HTTP answer, for doors that are not GraphQL.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
};
use hawser_domain::{Error, providers::ErrorKind};
use serde_json::json;

/// What is inside the house stays inside; what the caller can mend is said.
pub fn of(error: &Error) -> HttpResponse {
    let status = status(error);
    let message = match status {
        StatusCode::INTERNAL_SERVER_ERROR => {
            tracing::error!(%error, "a request failed");
            "something went wrong inside".to_owned()
        }
        _ => error.to_string(),
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "application/json")).insert_header((CACHE_CONTROL, "no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, "30"));
    }
    response.body(json!({ "error": message }).to_string())
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::NotAllowed { .. } => StatusCode::FORBIDDEN,
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Invalid { .. } | Error::Cycle => StatusCode::BAD_REQUEST,
        Error::NameTaken { .. } | Error::StaleToken { .. } | Error::WrongState { .. } | Error::KeyReused => {
            StatusCode::CONFLICT
        }
        Error::Cloud(cloud) => match cloud.kind {
            ErrorKind::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            ErrorKind::Unsupported => StatusCode::CONFLICT,
            ErrorKind::Forbidden | ErrorKind::MissingScope => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::RateLimited | ErrorKind::QuotaExhausted | ErrorKind::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::BAD_GATEWAY,
        },
        Error::NeedsReauth { .. } => StatusCode::CONFLICT,
        Error::ProviderUnavailable { .. } | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
