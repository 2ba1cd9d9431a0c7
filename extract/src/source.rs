//! One file as it comes in, and the two kinds of end that are not a text.

use std::sync::Arc;

use crate::Outcome;

/// The bytes, with what others say of them. Neither the name nor the MIME type is believed over the content.
#[derive(Debug, Clone, Default)]
pub struct Source {
    pub bytes: Arc<Vec<u8>>,
    pub name: Option<String>,
    pub mime_type: Option<String>,
}

/// Why a file could not be read: an outcome, and a sentence that holds none of the file's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{outcome:?}: {detail}")]
pub struct Fault {
    pub outcome: Outcome,
    pub detail: String,
}

impl Fault {
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into() }
    }

    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Outcome::Malformed, detail)
    }

    pub fn encrypted() -> Self {
        Self::new(Outcome::Encrypted, "the file wants a password")
    }
}
