//! The change log under eight writers and four readers, and rows that are there already written again.

use std::time::Instant;

use anyhow::Result;
use hawser_domain::{
    job::{New, Work},
    principal::Actor,
};
use hawser_tests::{House, Storm, storm};
use uuid::Uuid;

use crate::figure::{Figures, Goal};

const COMMITS: usize = 100_000;
const ROWS: u64 = 20_000;
/// Rows of one transaction.
const BATCH: u64 = 500;

pub async fn run(figures: &Figures) -> Result<()> {
    let house = House::start().await;
    house.leave_jobs();
    let weathered = storm(&house, Storm { seed: 7, writers: 8, readers: 4, commits: COMMITS }).await;
    let written = (weathered.committed + weathered.given_up) as f64;
    figures.put("feed.committed", weathered.committed as f64, "commits", Goal::None);
    figures.put("feed.given_up", weathered.given_up as f64, "transactions", Goal::None);
    figures.put("feed.writes_per_second", written / weathered.seconds, "tx/s", Goal::None);
    // Work that waits is brought forward instead of being queued twice.
    for name in ["feed.insert_rows_per_second", "feed.upsert_rows_per_second"] {
        let began = Instant::now();
        for first in (0..ROWS).step_by(BATCH as usize) {
            let mut w = house.app.write(Actor::System).await?;
            for n in first..first + BATCH {
                w.queue(New::now(Work::PollFeed { feed_id: Uuid::from_u64_pair(1, n) })).await?;
            }
            w.commit().await?;
        }
        figures.put(name, ROWS as f64 / began.elapsed().as_secs_f64(), "rows/s", Goal::None);
    }
    Ok(())
}
