//! One document as it goes into the index.

use chrono::{DateTime, Utc};
use tantivy::TantivyDocument;
use uuid::Uuid;

use super::schema::Fields;

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

impl Entry {
    pub fn into_document(self, fields: &Fields) -> TantivyDocument {
        let mut it = TantivyDocument::new();
        let (high, low) = self.id.as_u64_pair();
        it.add_text(fields.id, term(self.id));
        it.add_u64(fields.id_high, high);
        it.add_u64(fields.id_low, low);
        it.add_text(fields.acl, term(self.acl_id));
        self.ancestors.iter().for_each(|id| it.add_text(fields.ancestors, term(*id)));
        it.add_text(fields.kind, &self.kind);
        it.add_text(fields.class, self.class);
        it.add_text(fields.name, &self.name);
        it.add_text(fields.name_key, &self.name_key);
        it.add_i64(fields.created, self.created.timestamp_micros());
        it.add_i64(fields.modified, self.modified.timestamp_micros());
        if let Some(taken) = self.taken {
            it.add_i64(fields.taken, taken.timestamp_micros());
        }
        let texts = [
            (fields.extension, self.extension),
            (fields.mime, self.mime),
            (fields.provider, self.provider),
            (fields.provider_id, self.provider_id.map(term)),
            (fields.language, self.language.clone()),
            (fields.title, self.title),
        ];
        for (field, text) in texts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                it.add_text(field, text);
            }
        }
        let numbers = [
            (fields.size, self.size),
            (fields.width, self.width),
            (fields.height, self.height),
            (fields.duration, self.duration),
        ];
        for (field, number) in numbers {
            if let Some(number) = number {
                it.add_u64(field, number);
            }
        }
        self.owners.iter().for_each(|id| it.add_text(fields.owner, term(*id)));
        self.authors.iter().for_each(|author| it.add_text(fields.author, author));
        self.flags.iter().for_each(|flag| it.add_text(fields.flags, flag));
        let text = cut(&self.text);
        if !text.is_empty() {
            it.add_text(fields.content, text);
            if let Some(stems) = self.language.and_then(|language| fields.stem(&language)) {
                it.add_text(stems, text);
            }
        }
        it
    }
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
