//! The change log as front ends read it: a list to catch up with, and subscriptions that go on from any cursor. Every
//! line is authorised at the moment it is delivered.

use async_graphql::{Context, Description, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    App,
    change::{self, Delivery, Heard},
    entity::change::{ChangeKind as DomainKind, Noun as DomainNoun},
};

use super::{
    caller::{app, viewer},
    connection::Connection,
    document::Document,
    error,
    feed::Feed,
    job::Job,
    loaders::loaders,
    node::{Id, of},
    scalar::Cursor,
    user::User,
};

mod cursor;
mod span;
mod subscription;

use cursor::{read_cursor, write_cursor};
pub use span::Span;
pub use subscription::{ChangeSubscription, ResumeFrom, SHARED};

/// The most lines read at once.
const MOST: i32 = 500;

/// What kind of thing changed.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainNoun")]
pub enum Noun {
    /// A document.
    Document,
    /// A configured cloud.
    Provider,
    /// A link to a cloud account.
    Connection,
    /// A cursor into a cloud's changes.
    Feed,
    /// Work to do.
    Job,
}

/// How something changed.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It has other bytes.
    Content,
    /// Anything but bytes, name, place and rights.
    Metadata,
    /// It has another name or another place.
    Moved,
    /// It was put into the trash.
    Trashed,
    /// It came back out of the trash.
    Restored,
    /// It was deleted for good.
    Deleted,
    /// Who may see or change it is different.
    Access,
    /// Whether its cloud still has it is different.
    Availability,
    /// Something of it is different.
    Updated,
}

/// One line of the change log: look at this subject again. It shows the subject as it is now, not as it was then.
#[derive(Description)]
pub struct Change(Heard);

#[Object(use_type_description)]
impl Change {
    /// What kind of thing changed.
    async fn noun(&self) -> Noun {
        self.0.line.noun.into()
    }

    /// How it changed.
    async fn kind(&self) -> ChangeKind {
        self.0.line.kind.into()
    }

    /// The id of what changed.
    async fn subject_id(&self) -> ID {
        let id = self.0.line.subject_id;
        match self.0.line.noun {
            DomainNoun::Document => Id::<of::Document>::new(id).into(),
            DomainNoun::Provider => Id::<of::Provider>::new(id).into(),
            DomainNoun::Connection => Id::<of::Connection>::new(id).into(),
            DomainNoun::Feed => Id::<of::Feed>::new(id).into(),
            DomainNoun::Job => Id::<of::Job>::new(id).into(),
        }
    }

    /// You could see the subject before and cannot any more: forget it and, for a folder, all that was inside.
    async fn gone(&self) -> bool {
        self.0.gone
    }

    /// When it changed.
    async fn at(&self) -> DateTime<Utc> {
        self.0.line.at
    }

    /// Who changed it; null for Hawser itself, which speaks for the clouds.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(actor) = self.0.line.actor_id else { return Ok(None) };
        Ok(loaders(ctx)?.users.load_one(actor).await?.map(User))
    }

    /// The document as it is now, for changes of documents you can see.
    async fn document(&self) -> Option<Document> {
        self.0.document.clone().map(Document)
    }

    /// The connection as it is now, for changes of connections.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<Connection>> {
        if self.0.line.noun != DomainNoun::Connection {
            return Ok(None);
        }
        let found = hawser_domain::connection::find(app(ctx)?, viewer(ctx)?, self.0.line.subject_id).await;
        Ok(error::maybe(found)?.map(Connection))
    }

    /// The job as it is now, for changes of jobs.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        if self.0.line.noun != DomainNoun::Job {
            return Ok(None);
        }
        Ok(error::maybe(hawser_domain::job::find(app(ctx)?, viewer(ctx)?, self.0.line.subject_id).await)?.map(Job))
    }

    /// The feed as it is now, for changes of feeds.
    async fn feed(&self, ctx: &Context<'_>) -> Result<Option<Feed>> {
        if self.0.line.noun != DomainNoun::Feed {
            return Ok(None);
        }
        Ok(error::maybe(hawser_domain::feed::find(app(ctx)?, viewer(ctx)?, self.0.line.subject_id).await)?.map(Feed))
    }
}

/// Some lines of the change log, in order and without a gap.
#[derive(SimpleObject)]
pub struct ChangeBatch {
    /// Where to go on from; keep it once you have applied the changes.
    cursor: Cursor,
    /// The changes that concern you; may be empty even when there are more.
    changes: Vec<Change>,
    /// Whether there is more to read at once.
    has_more: bool,
    /// Your cursor is older than what is kept: read everything anew, then go on from `cursor`.
    resync: bool,
}

/// Which changes to hear of; what is absent lets everything through.
#[derive(InputObject, Default, Clone)]
pub struct ChangeFilter {
    /// Only these kinds of things.
    nouns: Option<Vec<Noun>>,
    /// Only these ways of changing.
    kinds: Option<Vec<ChangeKind>>,
    /// Only these documents.
    document_ids: Option<Vec<Id<of::Document>>>,
}

impl ChangeFilter {
    fn lets_through(&self, heard: &Heard) -> bool {
        let line = &heard.line;
        let noun = self.nouns.as_ref().is_none_or(|nouns| nouns.contains(&line.noun.into()));
        let kind = self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&line.kind.into()));
        let named = self
            .document_ids
            .as_ref()
            .is_none_or(|ids| line.noun == DomainNoun::Document && ids.iter().any(|id| id.0 == line.subject_id));
        noun && kind && named
    }
}

/// Where the change log ends now, for doors that tell it along the way.
pub async fn cursor_now(app: &App) -> hawser_domain::Result<String> {
    Ok(write_cursor(change::head(app).await?).0)
}

#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Where the change log ends now: read what you need, then subscribe with this cursor and miss nothing.
    async fn change_cursor(&self, ctx: &Context<'_>) -> Result<Cursor> {
        viewer(ctx)?;
        Ok(write_cursor(change::head(app(ctx)?).await?))
    }

    /// The changes after a cursor, to catch up without a subscription.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A cursor from `changeCursor` or from a batch.")] since: Cursor,
        #[graphql(desc = "The most lines of the log to look at, 500 at most.", default = 100)] first: i32,
        #[graphql(desc = "Which changes to show.")] filter: Option<ChangeFilter>,
    ) -> Result<ChangeBatch> {
        let since = read_cursor(&since)?;
        let delivery = change::deliver(app(ctx)?, viewer(ctx)?, since, limit(first)?).await?;
        Ok(batch(delivery, &filter.unwrap_or_default()))
    }
}

fn batch(delivery: Delivery, filter: &ChangeFilter) -> ChangeBatch {
    ChangeBatch {
        cursor: write_cursor(delivery.position),
        changes: delivery.heard.into_iter().filter(|heard| filter.lets_through(heard)).map(Change).collect(),
        has_more: delivery.has_more,
        resync: delivery.resync,
    }
}

fn limit(first: i32) -> Result<u64> {
    match first {
        1..=MOST => Ok(first.unsigned_abs().into()),
        _ => Err(error::bad_input(format!("a batch has 1 to {MOST} lines, not {first}"))),
    }
}
