//! Signs of life and what happens without them: leases are extended while a worker lives, jobs of dead workers go back
//! into the queue, and a job under which workers died three times is poison.

use std::time::Duration;

use hawser_entity::{
    change::ChangeKind,
    job::{self, JobState},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

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

/// Extends the leases of a worker's running jobs. Returns those somebody asked to cancel.
pub async fn beat(app: &App, worker: &str) -> Result<Vec<Uuid>> {
    let running = job::Entity::find()
        .select_only()
        .columns([job::Column::Id, job::Column::CancelRequested])
        .filter(job::Column::Worker.eq(worker))
        .filter(job::Column::State.eq(JobState::Running))
        .into_tuple::<(Uuid, bool)>()
        .all(app.database.read())
        .await?;
    if running.is_empty() {
        return Ok(Vec::new());
    }
    let w = app.write(Actor::System).await?;
    let until = w.now + Duration::from_secs(app.config.lease_seconds);
    let sql = "UPDATE job SET lease_until = $1 WHERE worker = $2 AND state = 'running'";
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [until.into(), worker.into()]);
    w.db().execute_raw(statement).await?;
    w.commit().await?;
    Ok(running.into_iter().filter(|(_, cancel)| *cancel).map(|(id, _)| id).collect())
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
        let poison = row.crash_count + 1 >= POISON;
        let sql = if poison {
            "UPDATE job SET state = 'dead', crash_count = crash_count + 1, worker = NULL, lease_until = NULL, finished_at = $1, \
             error = 'its worker died under it three times', error_code = 'POISON' \
             WHERE id = $2 AND lease_token = $3 AND state = 'running' AND lease_until < $1"
        } else {
            "UPDATE job SET state = CASE WHEN EXISTS (SELECT 1 FROM job other WHERE other.unique_key = job.unique_key \
             AND other.state IN ('queued', 'parked')) THEN 'cancelled' ELSE 'queued' END, crash_count = crash_count + 1, \
             worker = NULL, lease_until = NULL, run_at = $1, error = 'its worker was lost', error_code = 'LOST' \
             WHERE id = $2 AND lease_token = $3 AND state = 'running' AND lease_until < $1"
        };
        let values = [w.now.into(), row.id.into(), row.lease_token.into()];
        let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
        if w.db().execute_raw(statement).await?.rows_affected() == 0 {
            continue;
        }
        w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
        if poison {
            reaped.poisoned += 1;
        } else {
            reaped.requeued += 1;
            w.ring_after_commit(row.class);
        }
    }
    w.commit().await?;
    Ok(reaped)
}

/// Gives running jobs back at shutdown: no attempt used, no crash counted.
pub async fn hand_back(app: &App, worker: &str) -> Result<u64> {
    let w = app.write(Actor::System).await?;
    let sql = "UPDATE job SET state = CASE WHEN EXISTS (SELECT 1 FROM job other WHERE other.unique_key = job.unique_key \
         AND other.state IN ('queued', 'parked')) THEN 'cancelled' ELSE 'queued' END, attempt = attempt - 1, \
         worker = NULL, lease_until = NULL WHERE worker = $1 AND state = 'running'";
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [worker.into()]);
    let count = w.db().execute_raw(statement).await?.rows_affected();
    w.commit().await?;
    Ok(count)
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
