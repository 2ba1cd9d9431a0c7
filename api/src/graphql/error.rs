//! The one place where an error of the house becomes GraphQL. What a user can mend is data: `userErrors` of a payload.
//! What a developer, an operator or the sign-in has to mend is a top-level error with a code of a closed list.

use std::sync::Arc;

use async_graphql::{Enum, ErrorExtensionValues, ErrorExtensions, ID, Interface, Response, ServerError, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{Error, providers::ErrorKind};
use uuid::Uuid;

use super::node::{Id, of};

/// Characters of a message.
const LONGEST_MESSAGE: usize = 500;

/// What a top-level error says in `extensions.code`: a fault of the request, of the sign-in or of the server, which no
/// user can mend by typing something else. There are no other codes.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ErrorCode")]
pub enum Code {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema, or a variable does not fit its type.
    GraphqlValidationFailed,
    /// The operation to run could not be chosen or prepared.
    OperationResolutionFailure,
    /// Nothing is known under the hash or the id: send the text with it.
    PersistedQueryNotFound,
    /// The hash is of another version than 1.
    PersistedQueryNotSupported,
    /// The text was not taken: only known documents run.
    PersistedOperationRequired,
    /// An argument is not acceptable, such as an id of another noun or a cursor of another list.
    BadUserInput,
    /// The operation asks for more than is allowed at once.
    ComplexityExceeded,
    /// Nobody is signed in, or the token is of no use any more.
    Unauthenticated,
    /// The one who asks, or the token, may not do this.
    Forbidden,
    /// There is no such thing, or none that the one who asks may see.
    NotFound,
    /// It cannot be done in the state in which things are.
    Conflict,
    /// Too many requests in too short a time.
    RateLimited,
    /// The operation took longer than it may.
    Timeout,
    /// The cloud cannot be reached, or refuses.
    ProviderUnavailable,
    /// Nothing can be searched for the moment; everything else goes on.
    SearchUnavailable,
    /// The server cannot reach what it keeps its data in: try again in a moment.
    ServiceUnavailable,
    /// The server is at fault; the request id helps to find out why.
    InternalServerError,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Code::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Code::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Code::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Code::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Code::PersistedOperationRequired => "PERSISTED_OPERATION_REQUIRED",
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::ComplexityExceeded => "COMPLEXITY_EXCEEDED",
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::RateLimited => "RATE_LIMITED",
            Code::Timeout => "TIMEOUT",
            Code::ProviderUnavailable => "PROVIDER_UNAVAILABLE",
            Code::SearchUnavailable => "SEARCH_UNAVAILABLE",
            Code::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Code::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }
}

/// What went wrong, for programs. New ones may be added.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserErrorCode {
    /// A value is not acceptable; `path` says which.
    Invalid,
    /// There is no such thing, or none that you may see.
    NotFound,
    /// You can see it, but a greater permission is needed to do this.
    NotAllowed,
    /// The name is in use in that place.
    NameTaken,
    /// It changed since you read it.
    StaleToken,
    /// It is not in a state in which this can be done.
    WrongState,
    /// The idempotency key stood for another request.
    KeyReused,
    /// Too many tries in too short a time.
    TooManyTries,
    /// The connection has to be made anew by its owner.
    NeedsReauth,
    /// The cloud cannot be reached for the moment.
    ProviderUnavailable,
    /// The cloud refused.
    ProviderRefused,
}

macro_rules! user_errors {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject, Debug)]
            pub struct $name {
                /// What is wrong and what to do about it, as a sentence for people.
                message: String,
                /// What is wrong, for programs.
                code: UserErrorCode,
                /// The way to the input at fault, from the name of the argument on; empty where it is none of them.
                path: Vec<String>,
                $($(#[$field_doc])* $field: $type,)*
            }
        )*

        /// Something a user can mend. More types may be added: read the fields of the interface, and those of the types you know.
        #[derive(Interface, Debug)]
        #[graphql(
            field(name = "message", ty = "&String", desc = "What is wrong and what to do about it, as a sentence for people."),
            field(name = "code", ty = "&UserErrorCode", desc = "What is wrong, for programs."),
            field(name = "path", ty = "&Vec<String>", desc = "The way to the input at fault, from the name of the argument on; empty where it is none of them.")
        )]
        pub enum UserError { $($name($name),)* }
    };
}

user_errors! {
    /// A value is not acceptable; `path` says which.
    InvalidInput {}
    /// There is no such thing, or none that you may see.
    NotFound {}
    /// You can see it, but a greater permission is needed to do this.
    NotAllowed {}
    /// The name is in use in that place.
    NameTaken {
        /// The document that has the name, where you may see it.
        existing_id: Option<ID>,
    }
    /// It changed since you read it: read it again and repeat with the current token.
    StaleToken {
        /// The token that holds now.
        current_token: String,
    }
    /// It is not in a state in which this can be done.
    WrongState {}
    /// The idempotency key stood for another request.
    KeyReused {}
    /// Too many tries in too short a time.
    TooManyTries {
        /// When the next is allowed.
        retry_at: DateTime<Utc>,
    }
    /// The connection has to be made anew by its owner.
    NeedsReauth {
        /// The connection.
        connection_id: ID,
    }
    /// The cloud cannot be reached for the moment.
    ProviderUnavailable {
        /// When to try again, where the cloud said so.
        retry_at: Option<DateTime<Utc>>,
    }
    /// The cloud refused.
    ProviderRefused {}
}

/// Splits the outcome of a mutation about `input.id` into its payload: the thing, or what a user can mend.
///
/// # Errors
/// Everything else, for the top level.
pub fn split<T>(outcome: Result<T, Error>) -> async_graphql::Result<(Option<T>, Vec<UserError>)> {
    about(&["input", "id"], outcome)
}

/// The same for a mutation about something else: `subject` is the way to what names it, empty where nothing does.
///
/// # Errors
/// As `split`.
pub fn about<T>(subject: &[&str], outcome: Result<T, Error>) -> async_graphql::Result<(Option<T>, Vec<UserError>)> {
    match outcome {
        Ok(thing) => Ok((Some(thing), Vec::new())),
        Err(Error::Faults(faults)) => {
            let errors = faults.into_iter().map(|fault| user_error(fault, subject)).collect::<Result<_, _>>()?;
            Ok((None, errors))
        }
        Err(error) => Ok((None, vec![user_error(error, subject)?])),
    }
}

/// For queries that answer null where there is nothing to see.
pub fn maybe<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(thing) => Ok(Some(thing)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a user can mend, as data. Errors that do not say which input they are about are about the subject.
fn user_error(error: Error, subject: &[&str]) -> Result<UserError, Error> {
    let message = error.to_string();
    let exact = |path: Vec<String>| if path.is_empty() { way(subject) } else { path };
    Ok(match error {
        Error::Invalid { path, .. } => InvalidInput { message, code: UserErrorCode::Invalid, path }.into(),
        Error::Cycle => {
            InvalidInput { message, code: UserErrorCode::Invalid, path: way(&["input", "parentId"]) }.into()
        }
        Error::NotFound { path, .. } => NotFound { message, code: UserErrorCode::NotFound, path: exact(path) }.into(),
        Error::NotAllowed { path, .. } => {
            NotAllowed { message, code: UserErrorCode::NotAllowed, path: exact(path) }.into()
        }
        Error::NameTaken { existing, .. } => {
            let existing_id = existing.map(|id| Id::<of::Document>::new(id).into());
            let path = way(&["input", "name"]);
            NameTaken { message, code: UserErrorCode::NameTaken, path, existing_id }.into()
        }
        Error::StaleToken { noun, current } => {
            let path = way(&["input", if noun == "provider" { "configurationToken" } else { "nameToken" }]);
            StaleToken { message, code: UserErrorCode::StaleToken, path, current_token: current }.into()
        }
        Error::WrongState { path, .. } => {
            WrongState { message, code: UserErrorCode::WrongState, path: exact(path) }.into()
        }
        Error::KeyReused => {
            KeyReused { message, code: UserErrorCode::KeyReused, path: way(&["input", "idempotencyKey"]) }.into()
        }
        Error::TooManyTries { retry_at } => {
            let code = UserErrorCode::TooManyTries;
            TooManyTries { message, code, path: way(subject), retry_at }.into()
        }
        Error::NeedsReauth { connection } => {
            let connection_id = Id::<of::Connection>::new(connection).into();
            NeedsReauth { message, code: UserErrorCode::NeedsReauth, path: Vec::new(), connection_id }.into()
        }
        Error::ProviderUnavailable { retry_at, .. } => {
            let code = UserErrorCode::ProviderUnavailable;
            ProviderUnavailable { message, code, path: Vec::new(), retry_at }.into()
        }
        Error::Cloud(cloud) if matches!(cloud.kind, ErrorKind::RateLimited | ErrorKind::QuotaExhausted) => {
            let code = UserErrorCode::ProviderUnavailable;
            ProviderUnavailable { message, code, path: Vec::new(), retry_at: None }.into()
        }
        Error::Cloud(_) => ProviderRefused { message, code: UserErrorCode::ProviderRefused, path: Vec::new() }.into(),
        error => return Err(error),
    })
}

fn way(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

/// A fault of the request that no user can mend.
pub fn bad_input(message: impl Into<String>) -> async_graphql::Error {
    async_graphql::Error::new(message).extend_with(|_, values| values.set("code", Code::BadUserInput.as_str()))
}

/// What was so meanwhile is no longer so: the client has to read again.
pub fn conflict(message: impl Into<String>) -> async_graphql::Error {
    async_graphql::Error::new(message).extend_with(|_, values| values.set("code", Code::Conflict.as_str()))
}

/// A fault of the operation as a whole.
pub(super) fn fault(code: Code, message: impl Into<String>) -> ServerError {
    let mut values = ErrorExtensionValues::default();
    values.set("code", code.as_str());
    ServerError { extensions: Some(values), ..ServerError::new(message, None) }
}

/// Gives every top-level error its code and the request's number, and keeps what is inside the house inside.
/// Every answer of every door passes here, once.
pub(super) fn finish(mut response: Response, request_id: Uuid) -> Response {
    for error in &mut response.errors {
        translate(error, request_id);
    }
    response
}

fn translate(error: &mut ServerError, request_id: Uuid) {
    let ours = error.source::<Error>().or_else(|| error.source::<Arc<Error>>().map(Arc::as_ref));
    let code = match ours {
        Some(ours) => {
            let code = code(ours);
            if let Error::Unavailable(cause) = ours {
                tracing::error!(%request_id, error = %cause, path = ?error.path, "the database cannot be reached");
            }
            if code == Code::InternalServerError {
                tracing::error!(%request_id, error = %ours, path = ?error.path, "a request failed");
                error.message = "something went wrong inside; the request id helps to find out what".to_owned();
            }
            Some(code)
        }
        None => None,
    };
    shorten(&mut error.message);
    let values = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    match code {
        Some(code) => values.set("code", code.as_str()),
        None if values.get("code").is_some() => {}
        None => {
            // With a path: an argument did not parse. Without: the operation could not be chosen or prepared.
            let code = if error.path.is_empty() { Code::OperationResolutionFailure } else { Code::BadUserInput };
            values.set("code", code.as_str());
        }
    }
    values.set("requestId", request_id.to_string());
    error.source = None;
}

/// Messages may quote what was sent; nobody wants back all of it.
fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(LONGEST_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
}

fn code(error: &Error) -> Code {
    match error {
        Error::Unauthenticated(_) => Code::Unauthenticated,
        Error::Forbidden(_) | Error::NotAllowed { .. } => Code::Forbidden,
        Error::NotFound { .. } => Code::NotFound,
        Error::Invalid { .. } | Error::Faults(_) | Error::Cycle => Code::BadUserInput,
        Error::NameTaken { .. } | Error::StaleToken { .. } | Error::WrongState { .. } | Error::KeyReused => {
            Code::Conflict
        }
        Error::TooManyTries { .. } => Code::RateLimited,
        Error::NeedsReauth { .. } | Error::ProviderUnavailable { .. } | Error::Cloud(_) => Code::ProviderUnavailable,
        Error::SearchUnavailable(_) => Code::SearchUnavailable,
        Error::Unavailable(_) => Code::ServiceUnavailable,
        Error::Fenced
        | Error::Config(_)
        | Error::Secret(_)
        | Error::Blob(_)
        | Error::Database(_)
        | Error::Internal(_) => Code::InternalServerError,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn a_code_is_written_as_the_schema_calls_it() {
        for item in Code::items() {
            assert_eq!(item.value.as_str(), item.name);
        }
    }
}
