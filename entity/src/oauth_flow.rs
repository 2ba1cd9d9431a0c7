//! A consent under way. The state and the PKCE verifier live for ten minutes and are used once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_flow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub state_hash: Vec<u8>,
    pub provider_id: Uuid,
    pub user_id: Uuid,
    /// The token of the session that began it: only that session may end it.
    pub session_id: Uuid,
    /// The connection being renewed, when this is a reconnect.
    pub connection_id: Option<Uuid>,
    pub redirect_uri: String,
    pub verifier: Vec<u8>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    /// The connection this consent led to.
    pub outcome_connection_id: Option<Uuid>,
    pub outcome_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
