//! A node of the tree. Its place is `parent_id`; the closure of all ancestors is in `document_ancestor`.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a document is to the people who use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentKind {
    Workspace,
    Folder,
    OrderedFolder,
    File,
    Picture,
    Video,
    Audio,
}

impl DocumentKind {
    /// Whether documents of this kind hold other documents.
    pub fn is_container(self) -> bool {
        matches!(self, Self::Workspace | Self::Folder | Self::OrderedFolder)
    }
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: DocumentKind,
    pub parent_id: Option<Uuid>,
    pub name: String,
    /// NFC and full case folding of the name: unique among live siblings.
    pub name_key: String,
    /// Place among the children of an ordered folder; smaller comes first.
    pub position: Option<i64>,
    /// Moves with every change of content.
    pub content_token: i64,
    /// Moves with every change of name, place or life.
    pub name_token: i64,
    /// The document whose access rules hold here: itself where it has entries of its own, else the nearest such ancestor.
    pub acl_id: Uuid,
    /// Entries of ancestors do not reach this document or what is below it.
    pub acl_blocks: bool,
    /// The document that was put into the trash and took this one along; absent while live.
    pub trash_root_id: Option<Uuid>,
    pub trashed_at: Option<DateTimeUtc>,
    pub created_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub modified_by: Option<Uuid>,
    pub modified_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
