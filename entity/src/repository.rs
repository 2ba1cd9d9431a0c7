//! The head of the change log: one row, bumped by the last statement of every writing transaction.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "repository")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Moves when the log was restored from a backup, so that older cursors are refused.
    pub epoch: Uuid,
    pub head_seq: i64,
    /// Changes below this were purged.
    pub min_seq: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
