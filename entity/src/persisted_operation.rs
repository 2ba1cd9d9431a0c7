//! A GraphQL operation that clients call by a name instead of sending its text. Rows are added and never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "persisted_operation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What clients call it by: the id in its manifest, without the prefix `sha256:`. Unique.
    pub key: String,
    /// SHA-256 of the text, in hexadecimal digits. Two manifests may name the same text differently.
    pub hash: String,
    pub text: String,
    /// The operation's own name, where the manifest tells it.
    pub name: Option<String>,
    /// Whose manifest it came in with first.
    pub client: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
