//! How many jobs that do nothing the workers get through, over a backlog of 12,000: once without effects, once with an
//! effect each in the transaction of its end.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hawser_domain::{
    entity::job::{self as row, JobState},
    job::{New, Work},
    principal::Actor,
};
use hawser_tests::House;
use hawser_workers::{Slots, Workers};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::figure::{Figures, Goal};

const JOBS: usize = 12_000;
const CHUNK: usize = 500;
const PATIENCE: Duration = Duration::from_secs(300);

pub async fn run(figures: &Figures) -> Result<()> {
    one(figures, "jobs", false, Goal::AtLeast(5000.0)).await?;
    one(figures, "jobs.with_effect", true, Goal::None).await
}

async fn one(figures: &Figures, name: &str, note: bool, goal: Goal) -> Result<()> {
    let house = House::start().await;
    house.leave_jobs();
    let app = &house.app;
    let began = Instant::now();
    for _ in 0..JOBS / CHUNK {
        let mut w = app.write(Actor::System).await?;
        for _ in 0..CHUNK {
            w.queue(New::now(Work::Probe { note })).await?;
        }
        w.commit().await?;
    }
    let queued = JOBS as f64 / began.elapsed().as_secs_f64();
    figures.put(&format!("{name}.queued_per_second"), queued, "jobs/s", Goal::None);

    let mut news = app.news.subscribe();
    let began = Instant::now();
    let workers = Workers::start(app.clone(), Slots::spread(app.config.worker_slots));
    tokio::time::timeout(PATIENCE, async {
        while waiting(&house).await? {
            news.changed().await?;
        }
        anyhow::Ok(())
    })
    .await??;
    let seconds = began.elapsed().as_secs_f64();
    workers.stop().await;
    let done = row::Entity::find().filter(row::Column::State.eq(JobState::Done)).count(app.database.read()).await?;
    ensure!(done == JOBS as u64, "{done} of {JOBS} jobs were done");
    figures.put(&format!("{name}.done_per_second"), JOBS as f64 / seconds, "jobs/s", goal);
    Ok(())
}

/// One row of an index: asking often does not slow down what is measured.
async fn waiting(house: &House) -> Result<bool> {
    let left = row::Entity::find().filter(row::Column::State.is_in([JobState::Queued, JobState::Running]));
    Ok(left.one(house.app.database.read()).await?.is_some())
}
