//! Who did what, when, from where: written in the transaction of the deed, read by administrators.

use hawser_entity::audit_entry;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result, Write,
    page::{self, Page, Span},
    principal::{Actor, Scope},
};

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

/// All that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What was done, such as `user.create`; with a dot at the end, everything done to that noun.
    pub action: Option<String>,
    pub subject_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
}

/// For administrators: newest first.
pub async fn list(app: &App, who: &Principal, filter: &Filter, span: &Span<Uuid>) -> Result<Page<audit_entry::Model>> {
    who.require(Scope::Read)?;
    who.require_admin()?;
    let all = audit_entry::Entity::find().filter(condition(filter));
    page::by_id(app.database.read(), all, audit_entry::Column::Id, true, span).await
}

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<audit_entry::Model> {
    who.require(Scope::Read)?;
    let found = match who.require_admin() {
        Ok(()) => audit_entry::Entity::find_by_id(id).one(app.database.read()).await?,
        Err(_) => None,
    };
    found.ok_or(Error::not_found("audit entry"))
}

fn condition(filter: &Filter) -> Condition {
    let mut all = Condition::all();
    if let Some(action) = &filter.action {
        all = all.add(match action.ends_with('.') {
            true => audit_entry::Column::Action.starts_with(action),
            false => audit_entry::Column::Action.eq(action),
        });
    }
    if let Some(id) = filter.subject_id {
        all = all.add(audit_entry::Column::SubjectId.eq(id));
    }
    if let Some(id) = filter.actor_id {
        all = all.add(audit_entry::Column::ActorId.eq(id));
    }
    all
}
