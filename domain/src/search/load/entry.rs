//! One document as it goes into the index.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Text beyond this many characters is kept but not searched.
const MAX_TEXT: usize = 1_000_000;

/// Properties that are there or not, as `is:` and `has:` ask for them.
pub mod flag {
    pub const ENCRYPTED: &str = "encrypted";
    pub const UNAVAILABLE: &str = "unavailable";
    pub const NATIVE: &str = "native";
    pub const TEXT: &str = "text";
    pub const THUMBNAIL: &str = "thumbnail";
}

#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub id: Uuid,
    pub acl_id: Uuid,
    /// Itself left out.
    pub ancestors: Vec<Uuid>,
    pub kind: String,
    pub class: &'static str,
    pub name: String,
    pub name_key: String,
    pub extension: Option<String>,
    pub mime: Option<String>,
    pub provider: Option<String>,
    pub provider_id: Option<Uuid>,
    pub owners: Vec<Uuid>,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    pub taken: Option<DateTime<Utc>>,
    pub size: Option<u64>,
    pub width: Option<u64>,
    pub height: Option<u64>,
    /// Milliseconds.
    pub duration: Option<u64>,
    pub language: Option<String>,
    pub title: Option<String>,
    pub authors: Vec<String>,
    /// The address of the text.
    pub text_blob: Option<String>,
    pub text: String,
    pub flags: Vec<&'static str>,
}

/// An id as a term of the index.
pub fn term(id: Uuid) -> String {
    id.simple().to_string()
}

/// As much of a text as is searched.
pub fn cut(text: &str) -> &str {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
