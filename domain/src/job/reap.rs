//! Signs of life and what happens without them: leases are extended while a worker lives, jobs of dead workers go back
//! into the queue, and a job under which workers died three times is poison.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hawser_entity::job::{self, JobState};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use super::finish::{Outcome, record};
use crate::{App, Result, principal::Actor};

/// Crashes after which a job is given up.
const POISON: i32 = 3;
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
    job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, Some(until).into())
        .filter(held.clone())
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
        .all(app.database.read())
        .await?;
    if lost.is_empty() {
        return Ok(Reaped::default());
    }
    let mut reaped = Reaped::default();
    let mut w = app.write(Actor::System).await?;
    for row in lost {
        let crash = "UPDATE job SET crash_count = crash_count + 1 \
             WHERE id = $2 AND lease_token = $3 AND state = 'running' AND lease_until < $1";
        let values = [w.now.into(), row.id.into(), row.lease_token.into()];
        let statement = Statement::from_sql_and_values(w.db().get_database_backend(), crash, values);
        if w.db().execute_raw(statement).await?.rows_affected() == 0 {
            continue;
        }
        if row.crash_count + 1 >= POISON {
            let error = format!("its worker died under it {POISON} times");
            record(&mut w, &row, &Outcome::Dead { error, code: "POISON".into() }).await?;
            reaped.poisoned += 1;
        } else {
            let again = back(w.now, "its worker was lost", "LOST");
            record(&mut w, &row, &again).await?;
            reaped.requeued += 1;
        }
    }
    w.commit().await?;
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
        record(&mut w, row, &back(row.run_at, "its worker was shut down", "SHUTDOWN")).await?;
    }
    w.commit().await?;
    Ok(left.len())
}

/// Another run that costs no attempt: what ended this one was not the job's fault.
fn back(at: DateTime<Utc>, error: &str, code: &str) -> Outcome {
    Outcome::Again { at, error: error.to_owned(), code: code.to_owned(), counts: false }
}

/// Deletes finished jobs: done and cancelled after `keep`, dead ones after four times as long.
pub async fn purge(app: &App, keep: Duration) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let w = app.write(Actor::System).await?;
        let sql = format!(
            "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE (state IN ('done', 'cancelled') AND finished_at < $1) \
             OR (state = 'dead' AND finished_at < $2) LIMIT {PURGE})"
        );
        let values = [(w.now - keep).into(), (w.now - keep * 4).into()];
        let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
        let rows = w.db().execute_raw(statement).await?.rows_affected();
        w.commit().await?;
        deleted += rows;
        if rows < PURGE {
            return Ok(deleted);
        }
    }
}
