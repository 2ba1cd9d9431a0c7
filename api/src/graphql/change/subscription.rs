//! Subscriptions: the log from a cursor on, and thin filters over it for one noun each.

use async_graphql::{Context, Result, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures::Stream;
use hawser_domain::{
    App,
    change::{self, Delivery, Heard, Position},
    entity::change::Noun as DomainNoun,
};
use uuid::Uuid;

use super::{ChangeBatch, ChangeFilter, ChangeKind, batch, limit, read_cursor, write_cursor};
use crate::graphql::{
    caller::{app, viewer, viewer_now},
    connection::Connection,
    document::Document,
    error,
    feed::Feed,
    job::Job,
    node::{Id, of},
    scalar::Cursor,
};

/// Lines read at once when nothing is said.
const BATCH: i32 = 100;

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
    cursor: Cursor,
    /// When it changed.
    at: DateTime<Utc>,
}

/// In the data of a request that goes on after a break: the cursor of the last event its client heard.
pub struct ResumeFrom(pub String);

#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// All changes that concern you, from a cursor on, in order and without a gap. The first batch comes at once and says
    /// where you stand.
    async fn changes<'a>(
        &self,
        ctx: &'a Context<'a>,
        #[graphql(desc = "Go on from here; from now on when absent.")] since: Option<Cursor>,
        #[graphql(desc = "Which changes to hear of.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "The most lines of the log in one batch, 500 at most.")] max_batch: Option<i32>,
    ) -> Result<impl Stream<Item = Result<ChangeBatch>> + 'a> {
        let start = start(ctx, since.as_ref()).await?;
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
        let start = start(ctx, None).await?;
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

/// After the last event heard, where the client comes back; otherwise from where it says, or from now on.
async fn start(ctx: &Context<'_>, since: Option<&Cursor>) -> Result<Position> {
    let heard = ctx.data_opt::<ResumeFrom>().map(|last| Cursor(last.0.clone()));
    match heard.as_ref().or(since) {
        Some(cursor) => read_cursor(cursor),
        None => Ok(change::head(app(ctx)?).await?),
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
