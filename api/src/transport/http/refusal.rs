//! Why a request was not run, before there was an operation.

use actix_web::http::StatusCode;
use async_graphql::{ErrorExtensionValues, Response, ServerError};
use hawser_domain::Error;
use uuid::Uuid;

use crate::graphql::Code;

/// What is answered instead. The status is the draft's.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    code: Code,
    message: String,
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: Code::BadUserInput, message: message.into() }
    }

    /// The body is no JSON at all.
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// It can be read, but it is no request of GraphQL.
    pub fn ill_formed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self { code: Code::Forbidden, ..Self::new(StatusCode::FORBIDDEN, message) }
    }

    /// The credentials are of no use, or could not be looked at.
    pub fn unauthenticated(error: &Error, id: Uuid) -> Self {
        if let Error::Unauthenticated(_) = error {
            let status = StatusCode::UNAUTHORIZED;
            return Self { status, code: Code::Unauthenticated, message: error.to_string() };
        }
        if let Error::Unavailable(cause) = error {
            tracing::error!(request_id = %id, error = %cause, "the database cannot be reached");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Self { status, code: Code::ServiceUnavailable, message: error.to_string() };
        }
        tracing::error!(request_id = %id, %error, "signing in failed");
        let message = "something went wrong inside; the request id helps to find out what".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: Code::InternalServerError, message }
    }

    pub fn into_response(self, id: Uuid) -> Response {
        let mut error = ServerError::new(self.message, None);
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.code.as_str());
        values.set("requestId", id.to_string());
        error.extensions = Some(values);
        Response::from_errors(vec![error])
    }
}
