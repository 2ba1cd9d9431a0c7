//! Reads a feed to its end. The domain commits page by page, each fenced by this job's lease.

use hawser_domain::{App, Error, feed, job::Claimed};
use uuid::Uuid;

use super::Ending;

pub async fn run<'a>(app: &'a App, job: &Claimed, feed_id: Uuid) -> Result<Ending<'a>, Error> {
    let polled = feed::poll(app, job, feed_id).await?;
    if polled.entries > 0 {
        tracing::info!(feed = %feed_id, pages = polled.pages, entries = polled.entries, effects = polled.effects, "polled");
    }
    Ok(Ending::Plain)
}
