//! What the index knows of a document. Nothing is stored in it: hits are ids, and what they look like is in the database.
//! The version of a schema is a hash of it: an index of another version is built anew.

use sha2::{Digest, Sha256};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STRING, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};

use super::analyse;
use crate::{Result, search::stems::STEMMED};

/// Moves when the same schema is filled differently: other tokens, other values.
const CONTENTS: u32 = 1;

/// Names of the columns that are read without looking for terms.
pub mod column {
    pub const ID_HIGH: &str = "id_high";
    pub const ID_LOW: &str = "id_low";
    pub const ACL: &str = "acl";
    pub const ANCESTORS: &str = "ancestors";
    pub const NAME_KEY: &str = "name_key";
    pub const KIND: &str = "kind";
    pub const TYPE: &str = "type";
    pub const EXTENSION: &str = "extension";
    pub const PROVIDER: &str = "provider";
    pub const OWNER: &str = "owner";
    pub const CREATED: &str = "created";
    pub const MODIFIED: &str = "modified";
    pub const SIZE: &str = "size";
}

#[derive(Debug, Clone)]
pub struct Fields {
    pub schema: Schema,
    /// The whole id as a term: what is replaced and deleted by.
    pub id: Field,
    pub id_high: Field,
    pub id_low: Field,
    /// The document whose access rules hold.
    pub acl: Field,
    /// Every document on the way up, itself left out.
    pub ancestors: Field,
    pub kind: Field,
    /// What people would call it: the words of `type:`.
    pub class: Field,
    pub name: Field,
    pub name_key: Field,
    pub extension: Field,
    pub mime: Field,
    pub provider: Field,
    pub provider_id: Field,
    pub owner: Field,
    /// Microseconds since 1970.
    pub created: Field,
    pub modified: Field,
    pub taken: Field,
    pub size: Field,
    pub width: Field,
    pub height: Field,
    pub duration: Field,
    pub language: Field,
    pub title: Field,
    pub author: Field,
    pub content: Field,
    /// In the order of `STEMMED`.
    pub stems: Vec<Field>,
    pub flags: Field,
}

impl Fields {
    pub fn new() -> Self {
        let mut b = Schema::builder();
        let words = text(analyse::WORDS, IndexRecordOption::WithFreqsAndPositions);
        let names = text(analyse::NAMES, IndexRecordOption::WithFreqsAndPositions);
        let only_fast = TextOptions::default().set_fast("raw");
        let number: NumericOptions = FAST.into();
        Self {
            id: b.add_text_field("id", STRING),
            id_high: b.add_u64_field(column::ID_HIGH, number.clone()),
            id_low: b.add_u64_field(column::ID_LOW, number.clone()),
            acl: b.add_text_field(column::ACL, only_fast.clone()),
            ancestors: word(&mut b, column::ANCESTORS),
            kind: word(&mut b, column::KIND),
            class: word(&mut b, column::TYPE),
            name: b.add_text_field("name", names),
            name_key: b.add_text_field(column::NAME_KEY, only_fast),
            extension: word(&mut b, column::EXTENSION),
            mime: word(&mut b, "mime"),
            provider: word(&mut b, column::PROVIDER),
            provider_id: b.add_text_field("provider_id", STRING),
            owner: word(&mut b, column::OWNER),
            created: b.add_i64_field(column::CREATED, number.clone()),
            modified: b.add_i64_field(column::MODIFIED, number.clone()),
            taken: b.add_i64_field("taken", number.clone()),
            size: b.add_u64_field(column::SIZE, number.clone()),
            width: b.add_u64_field("width", number.clone()),
            height: b.add_u64_field("height", number.clone()),
            duration: b.add_u64_field("duration", number),
            language: word(&mut b, "language"),
            title: b.add_text_field("title", words.clone()),
            author: b.add_text_field("author", words.clone()),
            content: b.add_text_field("content", words),
            stems: STEMMED
                .iter()
                .map(|(code, _)| {
                    let stems = text(&analyse::stems(code), IndexRecordOption::WithFreqs);
                    b.add_text_field(&format!("stem_{code}"), stems)
                })
                .collect(),
            flags: word(&mut b, "flags"),
            schema: b.build(),
        }
    }

    /// The version of this schema, short enough for the name of a folder.
    pub fn version(&self) -> Result<String> {
        let described = serde_json::to_vec(&self.schema)?;
        let mut hash = Sha256::new_with_prefix(described);
        hash.update(CONTENTS.to_be_bytes());
        let mut version = hex::encode(hash.finalize());
        version.truncate(12);
        Ok(version)
    }

    /// The field with stems of this language.
    pub fn stem(&self, language: &str) -> Option<Field> {
        let place = STEMMED.iter().position(|(code, _)| *code == language)?;
        self.stems.get(place).copied()
    }
}

/// Found by, filtered by and counted by, always whole.
fn word(b: &mut SchemaBuilder, name: &str) -> Field {
    b.add_text_field(name, STRING | TextOptions::default().set_fast("raw"))
}

fn text(analyser: &str, record: IndexRecordOption) -> TextOptions {
    TextOptions::default()
        .set_indexing_options(TextFieldIndexing::default().set_tokenizer(analyser).set_index_option(record))
}
