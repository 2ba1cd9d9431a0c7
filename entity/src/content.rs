//! What a document holds: a reference to a cloud file, with the metadata last seen.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether the bytes can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContentState {
    /// The cloud has the file and lets us read it.
    Ok,
    /// Deleted, unshared or in the cloud's trash; heals by itself when it comes back.
    Unavailable,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "content")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document_id: Uuid,
    pub connection_id: Uuid,
    /// The feed that reports changes of this file.
    pub feed_id: Option<Uuid>,
    pub remote_id: String,
    pub drive_id: Option<String>,
    /// The folder it lies in over there: news of that folder concerns it too.
    pub remote_parent: Option<String>,
    pub resource_key: Option<String>,
    pub remote_name: String,
    pub mime_type: String,
    pub size: Option<i64>,
    pub hash_kind: Option<String>,
    pub hash: Option<String>,
    pub revision: Option<String>,
    pub remote_version: Option<String>,
    pub remote_modified_at: Option<DateTimeUtc>,
    pub thumbnail_version: Option<String>,
    /// The whole of the file's last description by the cloud.
    #[sea_orm(column_type = "JsonBinary")]
    pub remote: Json,
    pub state: ContentState,
    pub unavailable_since: Option<DateTimeUtc>,
    pub unavailable_reason: Option<String>,
    pub checked_at: DateTimeUtc,
    pub linked_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
