//! Subscriptions: the log from a cursor on, and thin filters over it for one noun each.

use async_graphql::{Context, Result, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use hawser_domain::{
    App,
    change::{self, Delivery, Heard, Position},
    entity::change::Noun as DomainNoun,
};
use uuid::Uuid;

use super::{ChangeBatch, ChangeFilter, ChangeKind, Span, batch, limit, read_cursor, write_cursor};
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
#[derive(Clone)]
pub struct ResumeFrom(pub String);

/// The subscriptions here go along the log as a span says, so that several callers can share one execution.
pub const SHARED: [&str; 5] = ["changes", "documentChanged", "jobUpdated", "connectionChanged", "feedChanged"];

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
        let span = Span::of(ctx);
        let start = start(ctx, &span, since.as_ref()).await?;
        let limit = limit(max_batch.unwrap_or(BATCH))?;
        let filter = filter.unwrap_or_default();
        // Clients keep the cursor of the last batch: where nothing concerns them for long, it moves all the same.
        let silence = i64::try_from(app(ctx)?.config.live_lag / 10).unwrap_or(i64::MAX);
        Ok(async_stream::try_stream! {
            if span.begin().is_none() {
                let has_more = app(ctx)?.news.head() > start.seq;
                yield ChangeBatch { cursor: write_cursor(start), changes: Vec::new(), has_more, resync: false };
            }
            let mut told = start;
            for await delivery in deliveries(ctx, &span, start, limit) {
                let delivery = delivery?;
                let position = delivery.position;
                let batch = batch(delivery, &filter);
                if !batch.changes.is_empty() || batch.resync || position.seq - told.seq >= silence {
                    told = position;
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
        let span = Span::of(ctx);
        let start = start(ctx, &span, None).await?;
        Ok(async_stream::try_stream! {
            for await delivery in subjects_of(ctx, &span, start) {
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
        let span = Span::of(ctx);
        let start = start(ctx, &span, None).await?;
        Ok(async_stream::try_stream! {
            for await delivery in subjects_of(ctx, &span, start) {
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
        let span = Span::of(ctx);
        let start = start(ctx, &span, None).await?;
        Ok(async_stream::try_stream! {
            for await delivery in subjects_of(ctx, &span, start) {
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
        let span = Span::of(ctx);
        let start = start(ctx, &span, None).await?;
        Ok(async_stream::try_stream! {
            for await delivery in subjects_of(ctx, &span, start) {
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

/// Where the span says; else after the last event heard, where the client comes back; else from where it says, or from
/// now on.
async fn start(ctx: &Context<'_>, span: &Span, since: Option<&Cursor>) -> Result<Position> {
    viewer(ctx)?;
    if let Some(begin) = span.begin() {
        return Ok(begin);
    }
    let heard = ctx.data_opt::<ResumeFrom>().map(|last| Cursor(last.0.clone()));
    match heard.as_ref().or(since) {
        Some(cursor) => read_cursor(cursor),
        None => Ok(change::head(app(ctx)?).await?),
    }
}

/// What this reader hears from `since` on, as far as the span goes. The reader is authorised anew for each batch, and
/// reading waits for the client to take the batch before: a slow reader costs no memory.
fn deliveries<'a>(
    ctx: &'a Context<'a>,
    span: &'a Span,
    since: Position,
    limit: u64,
) -> impl Stream<Item = Result<Delivery>> + 'a {
    async_stream::try_stream! {
        let app: &App = app(ctx)?;
        let mut news = app.news.subscribe();
        let (mut position, mut has_more) = (since, true);
        loop {
            span.reach(position);
            if span.ends_at(position, has_more) || !has_more && news.changed().await.is_err() {
                break;
            }
            // What is published from here on is heard above, also while the log is being read.
            news.mark_unchanged();
            let delivery = change::deliver_on(app, viewer(ctx)?, position, limit).await?;
            (position, has_more) = (delivery.position, delivery.has_more);
            yield delivery;
        }
    }
}

/// The same for subscriptions that show things as they are: they cannot say that some changes were passed over.
fn subjects_of<'a>(ctx: &'a Context<'a>, span: &'a Span, since: Position) -> impl Stream<Item = Result<Delivery>> + 'a {
    deliveries(ctx, span, since, BATCH.unsigned_abs().into()).map(|delivery| match delivery {
        Ok(delivery) if delivery.resync => {
            Err(error::conflict("you are too far behind: read anew what you show, then subscribe again"))
        }
        other => other,
    })
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
