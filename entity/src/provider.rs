//! A configured cloud: the administrator's form. The client secret is encrypted and never read back by the API.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub name: String,
    pub name_key: String,
    pub description: String,
    pub client_id: String,
    pub client_secret: Option<Vec<u8>>,
    pub authorization_url: String,
    pub token_url: String,
    pub revoke_url: Option<String>,
    pub api_url: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Json,
    pub enabled: bool,
    pub poll_seconds: i64,
    /// Ask the cloud to ring instead of only polling, where our own address can be reached.
    pub push: bool,
    /// Moves with every change: the precondition of the next one.
    pub revision: i64,
    pub created_at: DateTimeUtc,
    pub modified_at: DateTimeUtc,
    /// Deleted providers stay as long as connections point at them; nobody sees them.
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
