//! Signs of life and what happens without them: leases are extended while a worker lives, jobs of dead workers go back
//! into the queue, and a job under which workers died three times is poison.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hawser_entity::job::{self, JobState};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{LockBehavior, LockType},
};
use uuid::Uuid;

use super::finish::{Outcome, record};
use crate::{App, Result, principal::Actor};

/// Crashes after which a job is given up.
const POISON: i32 = 3;
/// Rows taken back in one transaction.
const REAP: u64 = 500;
/// Rows of one purge: short enough not to hold up other writers.
const PURGE: u64 = 500;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reaped {
    pub requeued: usize,
    pub poisoned: usize,
}

/// Extends the leases of the jobs a worker holds. Returns those somebody asked to cancel. A row that bears the worker's name
/// and that the worker does not know of, because the answer to its claim was lost, is left to the reaper.
pub async fn beat(app: &App, worker: &str, held: &[Uuid]) -> Result<Vec<Uuid>> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let held = Condition::all()
        .add(job::Column::Worker.eq(worker))
        .add(job::Column::State.eq(JobState::Running))
        .add(job::Column::Id.is_in(held.iter().copied()));
    let w = app.write(Actor::System).await?;
    let until = w.now + Duration::from_secs(app.config.lease_seconds);
    // What is being ended right now needs no sign of life, and is not waited for.
    let mine = job::Entity::find().select_only().column(job::Column::Id).filter(held.clone());
    let mine = match w.db().get_database_backend() {
        DbBackend::Postgres => mine.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
        _ => mine,
    };
    let mine: Vec<Uuid> = mine.into_tuple().all(w.db()).await?;
    job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, Some(until).into())
        .filter(job::Column::Id.is_in(mine))
        .exec(w.db())
        .await?;
    let cancelled = job::Entity::find()
        .select_only()
        .column(job::Column::Id)
        .filter(held)
        .filter(job::Column::CancelRequested.eq(true))
        .into_tuple()
        .all(w.db())
        .await?;
    w.commit().await?;
    Ok(cancelled)
}

/// Puts jobs whose lease ran out back into the queue, and gives up those that killed their worker again and again.
pub async fn reap(app: &App) -> Result<Reaped> {
    let now = app.clock.now();
    let lost = job::Entity::find()
        .filter(job::Column::State.eq(JobState::Running))
        .filter(job::Column::LeaseUntil.lt(now))
        .one(app.database.read())
        .await?;
    if lost.is_none() {
        return Ok(Reaped::default());
    }
    let mut reaped = Reaped::default();
    let mut w = app.write(Actor::System).await?;
    let lock = if w.db().get_database_backend() == DbBackend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "WITH lost AS MATERIALIZED (SELECT id FROM job WHERE state = 'running' AND lease_until < $1 \
         ORDER BY lease_until LIMIT {REAP}{lock}) \
         UPDATE job SET crash_count = crash_count + 1 WHERE id IN (SELECT id FROM lost) RETURNING *"
    );
    let lost = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [w.now.into()]);
    for row in job::Entity::find().from_raw_sql(lost).all(w.db()).await? {
        if row.crash_count >= POISON {
            let error = format!("its worker died under it {POISON} times");
            record(&mut w, &row, &Outcome::Dead { error, code: "POISON".into() }).await?;
            reaped.poisoned += 1;
        } else {
            record(&mut w, &row, &Outcome::Back { error: "its worker was lost", code: "LOST" }).await?;
            reaped.requeued += 1;
        }
    }
    w.commit().await?;
    app.metrics.reaped(reaped.requeued as u64, reaped.poisoned as u64);
    Ok(reaped)
}

/// Gives running jobs back at shutdown: no attempt used, no crash counted.
pub async fn hand_back(app: &App, worker: &str) -> Result<usize> {
    let mut w = app.write(Actor::System).await?;
    let left = job::Entity::find()
        .filter(job::Column::Worker.eq(worker))
        .filter(job::Column::State.eq(JobState::Running))
        .order_by_asc(job::Column::Id)
        .all(w.db())
        .await?;
    for row in &left {
        record(&mut w, row, &Outcome::Back { error: "its worker was shut down", code: "SHUTDOWN" }).await?;
    }
    w.commit().await?;
    Ok(left.len())
}

/// Deletes finished jobs that nobody needs to read any more. Returns how many.
pub async fn purge(app: &App) -> Result<u64> {
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let (done, dead) = (days(app.config.job_done_days), days(app.config.job_dead_days));
    // Jobs end after they are made, and ids follow the clock: younger ones need no look.
    let newest = id_at(app.clock.now() - done.min(dead));
    let mut deleted = 0;
    loop {
        let w = app.write(Actor::System).await?;
        let sql = format!(
            "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE id < $3 AND \
             ((state IN ('done', 'cancelled') AND finished_at < $1) OR (state = 'dead' AND finished_at < $2)) \
             ORDER BY id LIMIT {PURGE})"
        );
        let values = [(w.now - done).into(), (w.now - dead).into(), newest.into()];
        let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
        let rows = w.db().execute_raw(statement).await?.rows_affected();
        w.commit().await?;
        deleted += rows;
        if rows < PURGE {
            return Ok(deleted);
        }
    }
}

/// Smaller than every id made from then on.
fn id_at(time: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or_default();
    Uuid::from_u64_pair(millis << 16, 0)
}
