//! What was read out of some bytes, kept under their SHA-256: the same bytes in two clouds are read once.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How reading ended. Closed: whoever shows one can show them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    Ok,
    Truncated,
    Empty,
    Encrypted,
    Unsupported,
    Malformed,
    TooLarge,
    Timeout,
    Oom,
    Crashed,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "extraction")]
pub struct Model {
    /// SHA-256 of the bytes, in lower-case hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The version of the reader.
    pub version: i32,
    pub outcome: Outcome,
    /// Runs of this version that ended in passing trouble.
    pub tries: i32,
    /// What the bytes are.
    pub mime_type: Option<String>,
    /// Why it ended so, in a sentence that anybody who sees the document may read.
    pub detail: Option<String>,
    /// The end of what the reader wrote to its error stream: for operators only.
    pub trouble: Option<String>,
    pub encoding: Option<String>,
    /// Much of the text could not be mapped to letters.
    pub is_poor: bool,
    /// Pages are pictures.
    pub needs_ocr: bool,
    /// Normalised metadata, as the reader's `Metadata`.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    /// The blob with the text, UTF-8.
    pub text_blob: Option<String>,
    /// Bytes of the text.
    pub text_size: i64,
    /// How drawing a picture of it ended; absent while nobody tried.
    pub drawn: Option<Outcome>,
    pub drawn_version: Option<i32>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
