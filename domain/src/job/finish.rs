//! Ending a run. The finish names the lease; when the lease has moved on, nothing of the transaction survives.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use hawser_entity::{
    change::ChangeKind,
    connection::ConnectionState,
    job::{self, JobState},
};
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, EntityTrait, Statement};
use uuid::Uuid;

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
    /// Its worker went away, which was not the job's fault: back to its place in the queue, at no cost of an attempt.
    Back {
        error: &'static str,
        code: &'static str,
    },
}

const FINISH: &str = "UPDATE job SET state = $1, run_at = $2, error = $3, error_code = $4, finished_at = $5, \
     attempt = attempt - $6, lease_until = NULL, worker = NULL, cancel_requested = FALSE, \
     rank = CASE WHEN $9 THEN rank END WHERE id = $7 AND lease_token = $8 AND state = 'running'";

/// Ends of runs in one statement at most.
const TOGETHER: usize = 500;

/// Records the outcome in the transaction that carries the run's effects, and commits both or neither.
///
/// # Errors
/// `Fenced` when the lease is gone.
pub async fn finish(mut w: Write<'_>, job: &Claimed, outcome: &Outcome) -> Result<()> {
    if !record(&mut w, &job.row, outcome).await? {
        w.app.metrics.fenced(job.work.kind());
        w.rollback().await?;
        return Err(Error::Fenced);
    }
    let metrics = w.app.metrics.clone();
    w.commit().await?;
    metrics.ended(job.work.kind(), outcome);
    Ok(())
}

/// Ends many runs that left no effects of their own, in one commit. Those whose lease is gone are passed over.
pub async fn finish_many(app: &App, ended: &[(Claimed, Outcome)]) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    let (well, others): (Vec<_>, Vec<_>) = ended.iter().partition(|(_, outcome)| *outcome == Outcome::Done);
    let mut held = HashSet::new();
    for well in well.chunks(TOGETHER) {
        held.extend(done(&mut w, well).await?);
    }
    for (job, outcome) in others {
        if record(&mut w, &job.row, outcome).await? {
            held.insert(job.row.id);
        }
    }
    w.commit().await?;
    for (job, outcome) in ended {
        if held.contains(&job.row.id) {
            app.metrics.ended(job.work.kind(), outcome);
        } else {
            app.metrics.fenced(job.work.kind());
            tracing::warn!(job = %job.row.id, kind = job.row.kind, "fenced: another worker took this job over");
        }
    }
    Ok(())
}

/// Ends runs well, in one statement. Returns those whose leases held.
async fn done(w: &mut Write<'_>, ended: &[&(Claimed, Outcome)]) -> Result<Vec<Uuid>> {
    const SET: &str = "UPDATE job SET state = 'done', error = NULL, error_code = NULL, finished_at = $1, \
         lease_until = NULL, worker = NULL, cancel_requested = FALSE";
    let backend = w.db().get_database_backend();
    let rows = ended.iter().map(|(job, _)| &job.row);
    let statement = match backend {
        DbBackend::Postgres => {
            let sql = format!(
                "{SET} FROM UNNEST(STRING_TO_ARRAY($2, ',')::uuid[], STRING_TO_ARRAY($3, ',')::bigint[]) AS held (id, token) \
                 WHERE job.id = held.id AND job.lease_token = held.token AND job.state = 'running' RETURNING job.id"
            );
            let ids: Vec<_> = rows.clone().map(|row| row.id.to_string()).collect();
            let tokens: Vec<_> = rows.map(|row| row.lease_token.to_string()).collect();
            Statement::from_sql_and_values(backend, sql, [w.now.into(), ids.join(",").into(), tokens.join(",").into()])
        }
        _ => {
            let held: Vec<_> = (0..ended.len()).map(|at| format!("(${}, ${})", 2 * at + 2, 2 * at + 3)).collect();
            let held = held.join(", ");
            let sql = format!("{SET} WHERE (id, lease_token) IN (VALUES {held}) AND state = 'running' RETURNING id");
            let pairs = rows.flat_map(|row| [row.id.into(), row.lease_token.into()]);
            Statement::from_sql_and_values(backend, sql, std::iter::once(w.now.into()).chain(pairs))
        }
    };
    let held = w.db().query_all_raw(statement).await?;
    let held: HashSet<Uuid> = held.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    for (job, _) in ended.iter().filter(|(job, _)| held.contains(&job.row.id)) {
        w.announce_job(job.row.id, job.row.owner_id, ChangeKind::Updated);
    }
    Ok(held.into_iter().collect())
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
        Outcome::Back { error, code } => {
            (JobState::Queued, row.run_at, Some((*error).to_owned()), Some((*code).to_owned()), 1)
        }
    };
    let keeps_place = matches!(outcome, Outcome::NotBegun | Outcome::Back { .. });
    let waiting = matches!(state, JobState::Queued | JobState::Parked);
    if waiting && cancel_requested(w, row).await? {
        return set(w, row, JobState::Cancelled, row.run_at, error, code, refund, false).await;
    }
    if waiting && give_way(w, row).await? {
        return set(w, row, JobState::Cancelled, row.run_at, error, Some("SUPERSEDED".into()), refund, false).await;
    }
    set(w, row, state, run_at, error, code, refund, keeps_place).await
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

#[allow(clippy::too_many_arguments, reason = "the columns of one row")]
async fn set(
    w: &mut Write<'_>,
    row: &job::Model,
    state: JobState,
    run_at: DateTime<Utc>,
    error: Option<String>,
    code: Option<String>,
    refund: i32,
    keeps_place: bool,
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
        keeps_place.into(),
    ];
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), FINISH, values);
    if w.db().execute_raw(statement).await?.rows_affected() != 1 {
        return Ok(false);
    }
    w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
    if state == JobState::Queued && run_at <= w.now {
        w.ring_after_commit(row.class, row.id);
    }
    Ok(true)
}

/// Gives up a claimed row whose payload cannot be read.
pub(super) async fn bury(w: &mut Write<'_>, row: &job::Model, error: &str) -> Result<Outcome> {
    let outcome = Outcome::Dead { error: error.to_owned(), code: "UNREADABLE".to_owned() };
    record(w, row, &outcome).await?;
    Ok(outcome)
}
