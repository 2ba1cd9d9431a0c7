//! Everything that can go wrong in the house, with what to do next. Two places translate it for the outside:
//! the GraphQL door and the workers' outcome.

use chrono::{DateTime, Utc};
use hawser_providers as providers;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::disturbance;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not for these eyes: the two are never told apart.
    #[error("no such {noun}")]
    NotFound { noun: &'static str, path: Vec<String> },
    #[error("sign in first: {0}")]
    Unauthenticated(&'static str),
    /// For rights that do not reveal a subject: roles and token scopes.
    #[error("{0}")]
    Forbidden(String),
    /// The caller can read the subject but may not do this to it.
    #[error("{needed} permission is needed on this {noun}")]
    NotAllowed { noun: &'static str, needed: &'static str, path: Vec<String> },
    #[error("{message}")]
    Invalid { path: Vec<String>, message: String },
    /// Every fault of one input, each `Invalid` or `NameTaken`; never empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults(Vec<Error>),
    #[error("the name {name:?} is taken in this place; choose another or use the existing document")]
    NameTaken { name: String, existing: Option<Uuid> },
    #[error("the {noun} changed meanwhile; read it again and repeat with the current token")]
    StaleToken { noun: &'static str, current: String },
    #[error("{message}")]
    WrongState { message: String, path: Vec<String> },
    #[error("a document cannot be moved into itself or below itself")]
    Cycle,
    #[error("this idempotency key was used for another request; make a new key")]
    KeyReused,
    #[error("too many tries; the next is allowed at {}", retry_at.format("%Y-%m-%d %H:%M UTC"))]
    TooManyTries { retry_at: DateTime<Utc> },
    #[error("the connection no longer works; its owner has to connect again")]
    NeedsReauth { connection: Uuid },
    #[error("the cloud cannot be reached just now: {message}")]
    ProviderUnavailable { message: String, retry_at: Option<DateTime<Utc>> },
    #[error("the cloud refused: {0}")]
    Cloud(#[source] providers::Error),
    #[error("nothing can be searched just now: the search engine does not answer; try again in a minute")]
    SearchUnavailable(String),
    /// Another worker took this job over: whatever was done for it is rolled back.
    #[error("the lease of this job is gone")]
    Fenced,
    #[error("configuration: {}", .0.join("; "))]
    Config(Vec<String>),
    #[error("secrets: {0}")]
    Secret(String),
    #[error("blob store: {0}")]
    Blob(#[from] opendal::Error),
    /// It does not answer, or not in time. What was asked for was not done, unless it is the answer to the commit that
    /// was lost.
    #[error("the database cannot be reached just now; try again in a moment, a change with the same idempotency key")]
    Unavailable(#[source] DbErr),
    #[error("database: {0}")]
    Database(DbErr),
    #[error("{0}")]
    Internal(String),
}

impl Error {
    pub fn not_found(noun: &'static str) -> Self {
        Self::NotFound { noun, path: Vec::new() }
    }

    /// The caller can read the subject; `needed` says which permission is missing.
    pub fn not_allowed(noun: &'static str, needed: &'static str) -> Self {
        Self::NotAllowed { noun, needed, path: Vec::new() }
    }

    pub fn wrong_state(message: impl Into<String>) -> Self {
        Self::WrongState { message: message.into(), path: Vec::new() }
    }

    /// The same error, about what this field of the input names. Without it, errors of missing things, permissions and
    /// states are about the subject of the verb.
    pub fn at(field: &'static str) -> impl Fn(Self) -> Self {
        move |mut error| {
            if let Self::NotFound { path, .. } | Self::NotAllowed { path, .. } | Self::WrongState { path, .. } =
                &mut error
                && path.is_empty()
            {
                *path = vec!["input".to_owned(), field.to_owned()];
            }
            error
        }
    }

    /// A fault of the input at `path` (`["input", "name"]`); `message` says what would be right.
    pub fn invalid(path: &[&str], message: impl Into<String>) -> Self {
        Self::Invalid { path: path.iter().map(|part| (*part).to_owned()).collect(), message: message.into() }
    }

    /// Whether the failed statement broke a unique index.
    pub fn is_unique_violation(error: &DbErr) -> bool {
        matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            error if disturbance::is_gone(&error) => Self::Unavailable(error),
            // PostgreSQL has no way to keep it, wherever it stands; SQLite finds nothing under it.
            error if disturbance::is_no_text(&error) => Self::invalid(&[], "a text cannot hold the character U+0000"),
            error => Self::Database(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("stored JSON cannot be read: {error}"))
    }
}
