//! A consent under way. It lives ten minutes; ticket and state are used once. Of all its secrets only hashes are kept,
//! but for the PKCE verifier, which is encrypted.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_flow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub provider_id: Uuid,
    pub user_id: Uuid,
    /// The token of the session that began it: it must still be good when the consent ends.
    pub session_id: Uuid,
    /// The connection being renewed, when this is a reconnect.
    pub connection_id: Option<Uuid>,
    pub redirect_uri: String,
    /// Lets one browser start the consent.
    pub ticket_hash: Vec<u8>,
    /// The cookie of the browser that started it: only that browser may end it.
    pub binding_hash: Option<Vec<u8>>,
    pub state_hash: Option<Vec<u8>>,
    pub verifier: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub used_at: Option<DateTimeUtc>,
    /// The connection this consent led to.
    pub outcome_connection_id: Option<Uuid>,
    pub outcome_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
