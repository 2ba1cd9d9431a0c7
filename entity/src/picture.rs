//! A small picture drawn here from some bytes, kept under their SHA-256 and its longest side.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "picture")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The longest side asked for, in pixels; the picture may be smaller.
    #[sea_orm(primary_key, auto_increment = false)]
    pub edge: i32,
    pub blob: String,
    pub mime_type: String,
    pub width: i32,
    pub height: i32,
    pub size: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
