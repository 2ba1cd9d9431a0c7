//! What somebody signs in with: a session from a password, or a personal token for scripts.
//! Only a keyed hash of the secret is stored.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How a token came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenKind {
    /// From a password; short-lived, all the rights of its user.
    Session,
    /// Made by hand for a script; limited by its scopes.
    Personal,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub kind: TokenKind,
    pub name: String,
    /// The first characters of the secret, so that its owner recognises it in a list.
    pub hint: String,
    pub hash: Vec<u8>,
    /// The key the hash was made with; absent for tokens older than this column.
    pub hash_kid: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Json,
    pub created_at: DateTimeUtc,
    pub last_used_at: Option<DateTimeUtc>,
    pub expires_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
