//! Who did what, when, from where.

use async_graphql::{Context, Description, ID, InputObject, Json, Object, Result, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use hawser_domain::{audit, entity::audit_entry::Model};
use serde_json::Value;

use super::{
    caller::{app, viewer},
    loaders::{Users, loaders},
    node::{self, Id, of},
    page::{self, Asked},
    scalar::Cursor,
    user::User,
};

/// One deed. Entries are added with the deed itself, and never changed.
#[derive(Description)]
pub struct AuditEntry(pub Model);

#[Object(use_type_description)]
impl AuditEntry {
    /// The id of this entry.
    pub async fn id(&self) -> Id<of::AuditEntry> {
        self.0.id.into()
    }

    /// When it was done.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who did it; null for the server itself.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(id) = self.0.actor_id else { return Ok(None) };
        let users: &DataLoader<Users> = &loaders(ctx)?.users;
        Ok(users.load_one(id).await?.map(User))
    }

    /// What was done, such as `user.create`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The kind of thing it was done to, such as `user`.
    async fn noun(&self) -> &str {
        &self.0.noun
    }

    /// The thing it was done to, which may be gone; null where it was no single thing.
    async fn subject_id(&self) -> Option<ID> {
        node::id_of(&self.0.noun, self.0.subject_id?)
    }

    /// The address it was asked for from; null where it is not known, and unless you are an administrator.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        Ok(self.0.address.as_deref().filter(|_| viewer(ctx).is_ok_and(|who| who.is_admin())))
    }

    /// More about it; what is in here depends on the action, and may grow.
    async fn detail(&self) -> Json<&Value> {
        Json(&self.0.detail)
    }
}

/// Which entries; all that is given must hold.
#[derive(InputObject, Default)]
struct AuditFilter {
    /// What was done, such as `user.create`; with a dot at the end, such as `user.`, everything done to that noun.
    action: Option<String>,
    /// The thing it was done to, of whatever noun.
    subject_id: Option<ID>,
    /// Who did it.
    actor_id: Option<Id<of::User>>,
}

#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// What was done by whom, newest first. For administrators.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all unless told.")] filter: Option<AuditFilter>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<AuditEntry>> {
        let span = Asked { first, after, last, before }.keys::<AuditEntry, _>(ctx)?;
        let filter = filter.unwrap_or_default();
        let filter = audit::Filter {
            action: filter.action,
            subject_id: filter.subject_id.as_ref().map(node::any).transpose()?,
            actor_id: filter.actor_id.map(|id| id.0),
        };
        let rows = audit::list(app(ctx)?, viewer(ctx)?, &filter, &span).await?;
        // Never counted: the audit only grows.
        page::page(rows, None, |row| row.id, AuditEntry)
    }
}
