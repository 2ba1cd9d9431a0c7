//! What was done, by whom and when.

use async_graphql::{Context, Json, Object, Result};
use chrono::{DateTime, Utc};
use hawser_domain::entity::audit_entry::Model;

use super::{
    caller::viewer,
    loaders::loaders,
    node::{Id, of},
    user::User,
};

/// Something that was done. Entries are never changed.
pub struct AuditEntry(pub Model);

#[Object]
impl AuditEntry {
    /// The id of this entry.
    async fn id(&self) -> Id<of::AuditEntry> {
        self.0.id.into()
    }

    /// When it was done.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who did it; null when the server did, or when the person is gone.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.0.actor_id {
            Some(id) => Ok(loaders(ctx)?.users.load_one(id).await?.map(User)),
            None => Ok(None),
        }
    }

    /// What was done, noun first: `document.rename`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// What there is to say about it; the fields depend on the action, and more may be added.
    async fn detail(&self) -> Json<serde_json::Value> {
        Json(self.0.detail.clone())
    }

    /// The network address it was asked for from; null where it is not known, and unless you are an administrator.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.0.address.as_deref().filter(|_| viewer(ctx).is_ok_and(|who| who.is_admin())))
    }
}
