//! A line of the change log: look at this subject again. `audience` names who could see it before, where that may have changed.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Noun {
    Document,
    Provider,
    Connection,
    Feed,
    Job,
}
/// How it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeKind {
    Created,
    /// Other bytes.
    Content,
    /// Anything but bytes, name, place and rights.
    Metadata,
    Moved,
    Trashed,
    Restored,
    Deleted,
    /// Who may see or change it.
    Access,
    /// Whether the cloud still has it.
    Availability,
    Updated,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub noun: Noun,
    pub subject_id: Uuid,
    pub kind: ChangeKind,
    /// For subjects that belong to one person.
    pub owner_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub audience: Option<Json>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
