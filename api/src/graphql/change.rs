//! The change log as front ends read it: a list to catch up with, and subscriptions that go on from any cursor. Every
//! line is authorised at the moment it is delivered.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject, Subscription};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use futures::Stream;
use hawser_domain::{
    App,
    change::{self, Delivery, Heard, Position},
    entity::change::{ChangeKind as DomainKind, Noun as DomainNoun},
};
use uuid::Uuid;

use super::{
    caller::{app, viewer, viewer_now},
    connection::Connection,
    document::Document,
    error,
    feed::Feed,
    job::Job,
    loaders::loaders,
    node::{Id, of},
    user::User,
};

/// Lines read at once when nothing is said.
const BATCH: i32 = 100;
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
pub struct Change(Heard);

#[Object]
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
    cursor: String,
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

#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Where the change log ends now: read what you need, then subscribe with this cursor and miss nothing.
    async fn change_cursor(&self, ctx: &Context<'_>) -> Result<String> {
        viewer(ctx)?;
        Ok(write_cursor(change::head(app(ctx)?).await?))
    }

    /// The changes after a cursor, to catch up without a subscription.
    #[graphql(complexity = "1 + usize::try_from(first).unwrap_or(1).min(500) * child_complexity / 4")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A cursor from `changeCursor` or from a batch.")] since: String,
        #[graphql(desc = "The most lines of the log to look at, 500 at most.", default = 100)] first: i32,
        #[graphql(desc = "Which changes to show.")] filter: Option<ChangeFilter>,
    ) -> Result<ChangeBatch> {
        let since = read_cursor(&since)?;
        let delivery = change::deliver(app(ctx)?, viewer(ctx)?, since, limit(first)?).await?;
        Ok(batch(delivery, &filter.unwrap_or_default()))
    }
}

/// A change of one document.
#[derive(SimpleObject)]
pub struct DocumentChange {
    /// How it changed.
    kind: ChangeKind,
    /// The id of the document.
    document_id: Id<of::Document>,
    /// The document as it is now; null once it is gone for you.
    document: Option<Document>,
    /// Where to go on from with `changes`.
    cursor: String,
    /// When it changed.
    at: DateTime<Utc>,
}

#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// All changes that concern you, from a cursor on, in order and without a gap. The first batch comes at once and says
    /// where you stand.
    async fn changes<'a>(
        &self,
        ctx: &'a Context<'a>,
        #[graphql(desc = "Go on from here; from now on when absent.")] since: Option<String>,
        #[graphql(desc = "Which changes to hear of.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "The most lines of the log in one batch, 500 at most.")] max_batch: Option<i32>,
    ) -> Result<impl Stream<Item = Result<ChangeBatch>> + 'a> {
        let start = match since {
            Some(since) => read_cursor(&since)?,
            None => change::head(app(ctx)?).await?,
        };
        let limit = limit(max_batch.unwrap_or(BATCH))?;
        let filter = filter.unwrap_or_default();
        viewer(ctx)?;
        Ok(async_stream::try_stream! {
            yield ChangeBatch { cursor: write_cursor(start), changes: Vec::new(), has_more: false, resync: false };
            for await delivery in deliveries(ctx, start, limit) {
                let batch = batch(delivery?, &filter);
                if !batch.changes.is_empty() || batch.resync {
                    yield batch;
                }
            }
        })
    }

    /// Changes of one document, or of every document you can see.
    async fn document_changed<'a>(
        &self,
        ctx: &'a Context<'a>,
        #[graphql(desc = "Only this document.")] id: Option<Id<of::Document>>,
    ) -> Result<impl Stream<Item = Result<DocumentChange>> + 'a> {
        let start = change::head(app(ctx)?).await?;
        viewer(ctx)?;
        Ok(async_stream::try_stream! {
            for await delivery in deliveries(ctx, start, BATCH.unsigned_abs().into()) {
                let delivery = delivery?;
                let epoch = delivery.position.epoch;
                for heard in of_noun(delivery, DomainNoun::Document, id.map(|id| id.0)) {
                    let line = heard.line;
                    yield DocumentChange {
                        kind: line.kind.into(),
                        document_id: line.subject_id.into(),
                        document: heard.document.map(Document),
                        cursor: write_cursor(Position { epoch, seq: line.seq }),
                        at: line.at,
                    };
                }
            }
        })
    }

    /// A job of yours, or, for administrators, any job, whenever something of it changes.
    async fn job_updated<'a>(
        &self,
        ctx: &'a Context<'a>,
        #[graphql(desc = "Only this job.")] id: Option<Id<of::Job>>,
    ) -> Result<impl Stream<Item = Result<Job>> + 'a> {
        let start = change::head(app(ctx)?).await?;
        viewer(ctx)?;
        Ok(async_stream::try_stream! {
            for await delivery in deliveries(ctx, start, BATCH.unsigned_abs().into()) {
                for subject in subjects(delivery?, DomainNoun::Job, id.map(|id| id.0)) {
                    let found = hawser_domain::job::find(app(ctx)?, &viewer_now(ctx).await?, subject).await;
                    if let Some(job) = error::maybe(found)? {
                        yield Job(job);
                    }
                }
            }
        })
    }

    /// A connection you may use, whenever its state or its account changes.
    async fn connection_changed<'a>(
        &self,
        ctx: &'a Context<'a>,
        #[graphql(desc = "Only this connection.")] id: Option<Id<of::Connection>>,
    ) -> Result<impl Stream<Item = Result<Connection>> + 'a> {
        let start = change::head(app(ctx)?).await?;
        viewer(ctx)?;
        Ok(async_stream::try_stream! {
            for await delivery in deliveries(ctx, start, BATCH.unsigned_abs().into()) {
                for subject in subjects(delivery?, DomainNoun::Connection, id.map(|id| id.0)) {
                    let found = hawser_domain::connection::find(app(ctx)?, &viewer_now(ctx).await?, subject).await;
                    if let Some(connection) = error::maybe(found)? {
                        yield Connection(connection);
                    }
                }
            }
        })
    }

    /// A feed of one of your connections, whenever it brought news, failed or began to work again.
    async fn feed_changed<'a>(
        &self,
        ctx: &'a Context<'a>,
        #[graphql(desc = "Only this feed.")] id: Option<Id<of::Feed>>,
    ) -> Result<impl Stream<Item = Result<Feed>> + 'a> {
        let start = change::head(app(ctx)?).await?;
        viewer(ctx)?;
        Ok(async_stream::try_stream! {
            for await delivery in deliveries(ctx, start, BATCH.unsigned_abs().into()) {
                for subject in subjects(delivery?, DomainNoun::Feed, id.map(|id| id.0)) {
                    let found = hawser_domain::feed::find(app(ctx)?, &viewer_now(ctx).await?, subject).await;
                    if let Some(feed) = error::maybe(found)? {
                        yield Feed(feed);
                    }
                }
            }
        })
    }
}

/// What this reader hears from `since` on, for ever. The reader is authorised anew for each batch, and reading waits for
/// the client to take the batch before: a slow reader costs no memory.
fn deliveries<'a>(ctx: &'a Context<'a>, since: Position, limit: u64) -> impl Stream<Item = Result<Delivery>> + 'a {
    async_stream::try_stream! {
        let app: &App = app(ctx)?;
        let mut news = app.news.subscribe();
        let mut position = since;
        loop {
            news.mark_unchanged();
            let delivery = change::deliver(app, &viewer_now(ctx).await?, position, limit).await?;
            position = delivery.position;
            let more = delivery.has_more;
            yield delivery;
            if !more && news.changed().await.is_err() {
                break;
            }
        }
    }
}

fn of_noun(delivery: Delivery, noun: DomainNoun, id: Option<Uuid>) -> Vec<Heard> {
    let named = |heard: &Heard| id.is_none_or(|id| heard.line.subject_id == id);
    delivery.heard.into_iter().filter(|heard| heard.line.noun == noun && named(heard)).collect()
}

/// Each subject once, however often it is named in a batch: it is shown as it is now anyway.
fn subjects(delivery: Delivery, noun: DomainNoun, id: Option<Uuid>) -> Vec<Uuid> {
    let mut subjects = Vec::new();
    for heard in of_noun(delivery, noun, id) {
        if !subjects.contains(&heard.line.subject_id) {
            subjects.push(heard.line.subject_id);
        }
    }
    subjects
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

fn write_cursor(position: Position) -> String {
    let mut bytes = position.epoch.as_bytes().to_vec();
    bytes.extend_from_slice(&position.seq.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(text: &str) -> Result<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let split = bytes.as_deref().and_then(|bytes| bytes.split_first_chunk::<16>());
    let read = split.and_then(|(epoch, seq)| {
        Some(Position { epoch: Uuid::from_bytes(*epoch), seq: i64::from_be_bytes(seq.try_into().ok()?) })
    });
    read.ok_or_else(|| error::bad_input("this is no cursor of the change log; take one from `changeCursor`"))
}
