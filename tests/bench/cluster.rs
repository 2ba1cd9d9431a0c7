//! How many jobs that do nothing one, two and four worker processes get through on PostgreSQL and Redis, and how soon an idle
//! one begins a job. The servers are this benchmark's own, with durable commits; times are those the rows bear.

use std::time::Duration;

use anyhow::{Result, ensure};
use hawser_domain::{
    App,
    entity::job::{self as row, JobState},
    job::{New, Work},
    principal::Actor,
};
use hawser_tests::{Server, fleet::Fleet};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use crate::figure::{Figures, Goal};

const JOBS: usize = 30_000;
const CHUNK: usize = 500;
const PICKED: usize = 300;
const PATIENCE: Duration = Duration::from_secs(600);

pub async fn run(figures: &Figures) -> Result<()> {
    let (postgres, redis) = (Server::postgres(), Server::durable_redis());
    for workers in [1, 2, 4] {
        let name = format!("cluster_{workers}");
        let server = sea_orm::Database::connect(postgres.url()).await?;
        server.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        let fleet = Fleet::found(&own(&postgres.url(), &name), &redis.url(), Duration::from_secs(60)).await;
        one(figures, &fleet, workers).await?;
    }
    Ok(())
}

/// The address with this database instead of its own.
fn own(url: &str, name: &str) -> String {
    match url.rsplit_once('/') {
        Some((server, _)) => format!("{server}/{name}"),
        None => url.to_owned(),
    }
}

async fn one(figures: &Figures, fleet: &Fleet, workers: usize) -> Result<()> {
    let app = &fleet.app;
    for _ in 0..JOBS / CHUNK {
        add(app, CHUNK).await?;
    }
    app.database.maintenance().execute_unprepared("ANALYZE").await?;
    let processes: Vec<_> = (0..workers).map(|machine| fleet.start("worker", machine)).collect();
    until_all_are_done(app).await?;
    let seconds = seconds(app).await?;
    figures.put(
        &format!("jobs.{workers}_workers.done_per_second"),
        JOBS as f64 / seconds,
        "jobs/s",
        Goal::AtLeast(6000.0),
    );

    for _ in 0..PICKED {
        add(app, 1).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    until_all_are_done(app).await?;
    figures.spread(&format!("jobs.{workers}_workers.picked_up_after"), waits(app).await?, "ms");
    drop(processes);
    Ok(())
}

async fn add(app: &App, count: usize) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    for _ in 0..count {
        w.queue(New::now(Work::Probe { note: false })).await?;
    }
    w.commit().await?;
    Ok(())
}

async fn until_all_are_done(app: &App) -> Result<()> {
    let waits = || {
        let left = row::Entity::find().filter(row::Column::State.is_in([JobState::Queued, JobState::Running]));
        left.one(app.database.read())
    };
    tokio::time::timeout(PATIENCE, async {
        while waits().await?.is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    })
    .await?
}

/// From the first begin to the last end.
async fn seconds(app: &App) -> Result<f64> {
    let sql = "SELECT EXTRACT(EPOCH FROM MAX(finished_at) - MIN(started_at))::float8 AS seconds FROM job WHERE state = 'done'";
    let db = app.database.read();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let seconds = row.map(|row| row.try_get::<f64>("", "seconds")).transpose()?.unwrap_or_default();
    ensure!(seconds > 0.0, "no job was done");
    Ok(seconds)
}

/// From the transaction that asked for a job to its begin, in milliseconds, of the newest.
async fn waits(app: &App) -> Result<Vec<f64>> {
    let sql = format!(
        "SELECT EXTRACT(EPOCH FROM started_at - created_at)::float8 * 1000 AS wait FROM job ORDER BY created_at DESC LIMIT {PICKED}"
    );
    let db = app.database.read();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "wait")).collect::<Result<_, _>>()?)
}
