//! How fast the change log takes commits: one writer, and eight at once.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use hawser_domain::{
    App,
    entity::change::{ChangeKind, Noun},
    principal::Actor,
};
use hawser_tests::House;
use uuid::Uuid;

use crate::figure::{Figures, Goal};

const COMMITS: usize = 8_000;

pub async fn run(figures: &Figures) -> Result<()> {
    for (writers, name) in [(1, "commits.one_writer"), (8, "commits.eight_writers")] {
        let house = House::start().await;
        let began = Instant::now();
        let tasks: Vec<_> =
            (0..writers).map(|writer| tokio::spawn(write(house.app.clone(), writer, COMMITS / writers))).collect();
        let mut each = Vec::with_capacity(COMMITS);
        for task in tasks {
            each.extend(task.await??);
        }
        let rate = each.len() as f64 / began.elapsed().as_secs_f64();
        figures.put(&format!("{name}.per_second"), rate, "commits/s", Goal::None);
        figures.spread(name, each, "ms");
    }
    Ok(())
}

/// Commits one line after the other, and returns how many milliseconds each took, waiting for its turn included.
async fn write(app: Arc<App>, writer: usize, commits: usize) -> Result<Vec<f64>> {
    let mut each = Vec::with_capacity(commits);
    for n in 0..commits {
        let began = Instant::now();
        let mut w = app.write(Actor::System).await?;
        w.announce(Noun::Provider, Uuid::from_u64_pair(writer as u64 + 1, n as u64), ChangeKind::Updated);
        w.commit().await?;
        each.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(each)
}
