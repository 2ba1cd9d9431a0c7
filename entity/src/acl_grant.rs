//! The effective permissions at each document that has rules of its own: entries of the document and of its ancestors,
//! resolved. Every document points here through `acl_id`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "acl_grant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub acl_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal_id: Uuid,
    pub permission: crate::acl_entry::Permission,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
