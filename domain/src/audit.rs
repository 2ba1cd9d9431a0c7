//! Who did what, when, from where: written in the transaction of the deed.

use hawser_entity::audit_entry;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, Write, principal::Actor};

impl Write<'_> {
    /// Adds a line to the audit. `detail` never holds secrets or a cloud's signed URLs.
    pub async fn audit(&self, action: &str, noun: &str, subject_id: Option<Uuid>, detail: Value) -> Result<()> {
        let (actor_id, token_id, address) = match self.actor {
            Actor::User(who) => (Some(who.user_id), Some(who.token_id), who.address.map(|ip| ip.to_string())),
            Actor::Browser { user_id, session_id } => (Some(user_id), Some(session_id), None),
            Actor::System => (None, None, None),
        };
        let row = audit_entry::ActiveModel {
            id: Set(self.id()),
            at: Set(self.now),
            actor_id: Set(actor_id),
            token_id: Set(token_id),
            action: Set(action.to_owned()),
            noun: Set(noun.to_owned()),
            subject_id: Set(subject_id),
            address: Set(address),
            detail: Set(detail),
        };
        audit_entry::Entity::insert(row).exec_without_returning(self.db()).await?;
        Ok(())
    }
}
