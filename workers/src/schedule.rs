//! What happens by the clock. Recurring jobs are rows and made by `schedule::tick`; the rest is upkeep, one line each.

use std::{sync::Arc, time::Duration};

use hawser_domain::{App, feed, job};

/// How often due schedule rows are looked for: the grain of every recurring job.
const TICK: Duration = Duration::from_secs(1);
/// Finished jobs are kept for a week, so that last week's trouble can still be read.
const KEEP_JOBS: Duration = Duration::from_secs(7 * 86_400);
/// A feed that could not be opened with its connection is tried again soon.
const OPEN_EVERY: u64 = 60;
/// The purge is cheap when there is nothing to purge.
const PURGE_EVERY: u64 = 3600;

pub async fn run(app: Arc<App>) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0u64.. {
        every.tick().await;
        if let Err(error) = job::schedule::tick(&app).await {
            tracing::error!(%error, "cannot make the jobs that are due by the clock");
        }
        if tick % OPEN_EVERY == 0
            && let Err(error) = feed::open_missing(&app).await
        {
            tracing::error!(%error, "cannot open feeds");
        }
        if tick % PURGE_EVERY == 0
            && let Err(error) = job::purge(&app, KEEP_JOBS).await
        {
            tracing::error!(%error, "cannot purge finished jobs");
        }
    }
}
