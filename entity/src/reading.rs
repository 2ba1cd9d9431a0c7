//! Which bytes of a document's content were read last. `source` is the content state they came from: while it is the same,
//! nothing is downloaded again.

use sea_orm::entity::prelude::*;

use crate::extraction::Outcome;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reading")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document_id: Uuid,
    pub source: String,
    /// SHA-256 of the bytes, the key of their extraction; absent where they were not downloaded.
    pub hash: Option<String>,
    /// Why there is no hash.
    pub outcome: Option<Outcome>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
