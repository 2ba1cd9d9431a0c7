//! One user's link to one account at a provider. Tokens are encrypted.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether calls can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConnectionState {
    Active,
    /// The cloud no longer accepts our tokens: work waits until the owner connects again.
    NeedsReauth,
    /// Ended by its owner or an administrator; kept because documents point at it.
    Revoked,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "connection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub provider_id: Uuid,
    pub owner_id: Uuid,
    pub remote_account_id: String,
    pub account_email: Option<String>,
    pub account_name: Option<String>,
    pub state: ConnectionState,
    pub access_token: Option<Vec<u8>>,
    pub refresh_token: Option<Vec<u8>>,
    pub expires_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Json,
    /// Moves with every new pair of tokens.
    pub token_version: i64,
    /// Who is refreshing just now, and until when the others wait.
    pub refresh_lease: Option<Uuid>,
    pub refresh_lease_until: Option<DateTimeUtc>,
    pub problem: Option<String>,
    pub created_at: DateTimeUtc,
    pub modified_at: DateTimeUtc,
    pub last_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
