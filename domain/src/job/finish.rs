//! Ending a run. The finish names the lease; when the lease has moved on, nothing of the transaction survives.

use chrono::{DateTime, Utc};
use hawser_entity::{
    change::ChangeKind,
    connection::ConnectionState,
    job::{self, JobState},
};
use sea_orm::{ActiveEnum, ConnectionTrait, EntityTrait, Statement};

use super::Claimed;
use crate::{App, Error, Result, Write, principal::Actor};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Passing trouble: the same again at this time. `counts` says whether it uses up an attempt.
    Again {
        at: DateTime<Utc>,
        error: String,
        code: String,
        counts: bool,
    },
    /// Until the job's connection works again; uses up no attempt. At once again when it works already.
    Park {
        error: String,
    },
    /// Trying again cannot help.
    Dead {
        error: String,
        code: String,
    },
    Cancelled,
    /// It was claimed and never begun: back into the queue as it was.
    NotBegun,
}

const FINISH: &str = "UPDATE job SET state = $1, run_at = $2, error = $3, error_code = $4, finished_at = $5, \
     attempt = attempt - $6, lease_until = NULL, worker = NULL, cancel_requested = FALSE \
     WHERE id = $7 AND lease_token = $8 AND state = 'running'";

/// Records the outcome in the transaction that carries the run's effects, and commits both or neither.
///
/// # Errors
/// `Fenced` when the lease is gone.
pub async fn finish(mut w: Write<'_>, job: &Claimed, outcome: &Outcome) -> Result<()> {
    if !record(&mut w, &job.row, outcome).await? {
        w.rollback().await?;
        return Err(Error::Fenced);
    }
    w.commit().await?;
    Ok(())
}

/// Ends many runs that left no effects of their own, in one commit. Those whose lease is gone are passed over.
pub async fn finish_many(app: &App, ended: &[(Claimed, Outcome)]) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    for (job, outcome) in ended {
        if !record(&mut w, &job.row, outcome).await? {
            tracing::warn!(job = %job.row.id, kind = job.row.kind, "fenced: another worker took this job over");
        }
    }
    w.commit().await?;
    Ok(())
}

/// Returns whether the lease held. Whatever would wait again ends instead where somebody asked for that meanwhile.
pub(super) async fn record(w: &mut Write<'_>, row: &job::Model, outcome: &Outcome) -> Result<bool> {
    let (state, run_at, error, code, refund) = match outcome {
        Outcome::Done => (JobState::Done, row.run_at, None, None, 0),
        Outcome::Again { error, code, counts: true, .. } if row.attempt >= row.max_attempts => {
            let error = format!("gave up after {} attempts: {error}", row.attempt);
            (JobState::Dead, row.run_at, Some(error), Some(code.clone()), 0)
        }
        Outcome::Again { at, error, code, counts } => {
            (JobState::Queued, *at, Some(error.clone()), Some(code.clone()), i32::from(!counts))
        }
        Outcome::Park { error } => {
            let (state, run_at) = parked(w, row).await?;
            (state, run_at, Some(error.clone()), Some("NEEDS_REAUTH".into()), 1)
        }
        Outcome::Dead { error, code } => (JobState::Dead, row.run_at, Some(error.clone()), Some(code.clone()), 0),
        Outcome::Cancelled => (JobState::Cancelled, row.run_at, None, None, 0),
        Outcome::NotBegun => (JobState::Queued, row.run_at, row.error.clone(), row.error_code.clone(), 1),
    };
    let waiting = matches!(state, JobState::Queued | JobState::Parked);
    if waiting && cancel_requested(w, row).await? {
        return set(w, row, JobState::Cancelled, row.run_at, error, code, refund).await;
    }
    if waiting && give_way(w, row).await? {
        return set(w, row, JobState::Cancelled, row.run_at, error, Some("SUPERSEDED".into()), refund).await;
    }
    set(w, row, state, run_at, error, code, refund).await
}

/// A job is set aside only while its connection waits for its owner. Where the owner was quicker than this record, the
/// others were resumed already and nobody would come for this one.
async fn parked(w: &Write<'_>, row: &job::Model) -> Result<(JobState, DateTime<Utc>)> {
    Ok(match w.connection_state(row.connection_id).await? {
        Some(ConnectionState::NeedsReauth) => (JobState::Parked, row.run_at),
        Some(ConnectionState::Active) => (JobState::Queued, w.now + chrono::Duration::seconds(1)),
        Some(ConnectionState::Revoked) => (JobState::Cancelled, row.run_at),
        None => (JobState::Dead, row.run_at),
    })
}

/// The claimed row is from before the run; somebody may have asked since.
async fn cancel_requested(w: &Write<'_>, row: &job::Model) -> Result<bool> {
    let now = job::Entity::find_by_id(row.id).one(w.db()).await?;
    Ok(now.is_some_and(|now| now.cancel_requested))
}

/// Whether the same work already waits under the same key: then this row need not wait too.
async fn give_way(w: &Write<'_>, row: &job::Model) -> Result<bool> {
    let Some(key) = &row.unique_key else { return Ok(false) };
    let sql =
        "SELECT 1 AS waiting FROM job WHERE unique_key = $1 AND state IN ('queued', 'parked') AND id <> $2 LIMIT 1";
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [key.into(), row.id.into()]);
    Ok(w.db().query_one_raw(statement).await?.is_some())
}

async fn set(
    w: &mut Write<'_>,
    row: &job::Model,
    state: JobState,
    run_at: DateTime<Utc>,
    error: Option<String>,
    code: Option<String>,
    refund: i32,
) -> Result<bool> {
    let ended = matches!(state, JobState::Done | JobState::Dead | JobState::Cancelled);
    let values = [
        state.to_value().into(),
        run_at.into(),
        error.into(),
        code.into(),
        ended.then_some(w.now).into(),
        refund.into(),
        row.id.into(),
        row.lease_token.into(),
    ];
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), FINISH, values);
    if w.db().execute_raw(statement).await?.rows_affected() != 1 {
        return Ok(false);
    }
    w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
    if state == JobState::Queued && run_at <= w.now {
        w.ring_after_commit(row.class);
    }
    Ok(true)
}

/// Gives up a claimed row whose payload cannot be read.
pub(super) async fn bury(w: &mut Write<'_>, row: &job::Model, error: &str) -> Result<()> {
    let outcome = Outcome::Dead { error: error.to_owned(), code: "UNREADABLE".to_owned() };
    record(w, row, &outcome).await?;
    Ok(())
}
