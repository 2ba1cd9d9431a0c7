//! What can go wrong with an index: either it is the index, which can be built anew, or it is the rest of the house.

use std::io;

use crate::Error;

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The index or its folder: building it anew helps.
    #[error("search index: {0}")]
    Index(String),
    /// There is nobody to ask just now: waiting helps.
    #[error("search engine: {0}")]
    Gone(String),
    #[error(transparent)]
    House(#[from] Error),
}

impl From<tantivy::TantivyError> for Fault {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Index(error.to_string())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Index(error.to_string())
    }
}

impl From<tokio::task::JoinError> for Fault {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Index(error.to_string())
    }
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::House(error.into())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Index(_) => Error::Internal(fault.to_string()),
            Fault::Gone(why) => Error::SearchUnavailable(why),
            Fault::House(error) => error,
        }
    }
}
