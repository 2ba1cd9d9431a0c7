//! What happens by the clock. Recurring jobs are rows and made by `schedule::tick`; the rest is upkeep, one line each.

use std::{fmt::Debug, sync::Arc, time::Duration};

use hawser_domain::{App, Error, blob, change, connection, extraction, feed, idempotency, job, search, token};

/// How often due schedule rows are looked for: the grain of every recurring job.
const TICK: Duration = Duration::from_secs(1);
/// A feed that could not be opened with its connection is tried again this soon.
const OPEN_EVERY: Duration = Duration::from_secs(60);
/// Tidying is cheap when there is nothing to tidy.
const TIDY_EVERY: Duration = Duration::from_secs(3600);
/// Looking for unused bytes reads the whole folder.
const COLLECT_EVERY: Duration = Duration::from_secs(DAY);

/// A reader may stay away for a month and still go on from its cursor.
const KEEP_CHANGES: Duration = Duration::from_secs(30 * DAY);
/// Nothing that was read of a document before it was deleted is still on its way to the search index after a month.
const KEEP_TOMBSTONES: Duration = Duration::from_secs(30 * DAY);
/// Longer than any transaction that is about to refer to bytes it has stored.
const KEEP_BYTES: Duration = Duration::from_secs(DAY);

const DAY: u64 = 86_400;

/// Makes recurring jobs for ever.
pub async fn run(app: Arc<App>) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = job::schedule::tick(&app).await {
            tracing::error!(%error, "cannot make the jobs that are due by the clock");
        }
    }
}

/// Does the upkeep for ever, apart from the ticks: it calls clouds and may take its time.
pub async fn keep_up(app: Arc<App>) {
    let (mut open, mut tidy, mut collect) =
        (tokio::time::interval(OPEN_EVERY), tokio::time::interval(TIDY_EVERY), tokio::time::interval(COLLECT_EVERY));
    loop {
        tokio::select! {
            _ = open.tick() => report("open feeds", feed::open_missing(&app).await),
            _ = tidy.tick() => self::tidy(&app).await,
            _ = collect.tick() => self::collect(&app).await,
        }
    }
}

/// Forgets what nobody needs any more.
pub async fn tidy(app: &App) {
    report("forget finished jobs", job::purge(app).await);
    report("forget old changes", change::purge(app, KEEP_CHANGES).await);
    report("forget old answers", idempotency::purge(app).await);
    report("forget ended tokens", token::purge(app).await);
    report("forget ended consents", connection::purge_consents(app).await);
    report("forget what is gone from searches", search::purge(app, KEEP_TOMBSTONES).await);
    report("forget ended channels", feed::purge_channels(app).await);
}

/// Takes away what was read out of bytes nobody holds any more, and bytes that nothing refers to. What was never read, or
/// what older readers failed at, is read.
pub async fn collect(app: &App) {
    report("read what was not read", extraction::renew(app).await);
    report("forget what was read", extraction::collect(app, KEEP_BYTES).await);
    report("collect unused bytes", blob::collect(app, KEEP_BYTES).await);
}

fn report<T: Debug>(what: &str, result: Result<T, Error>) {
    match result {
        Ok(done) => tracing::debug!(what, ?done, "upkeep"),
        Err(error) => tracing::error!(what, %error, "upkeep failed"),
    }
}
