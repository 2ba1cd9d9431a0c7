//! What people and connections may ask of jobs: cancel, retry, park, resume.

use hawser_entity::{
    change::ChangeKind,
    job::{self, JobState},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Statement,
};
use uuid::Uuid;

use super::look;
use crate::{App, Error, Principal, Result, Write, principal::Scope};

/// Stops a job: at once while it waits, at its worker's next sign of life while it runs.
///
/// # Errors
/// `NotFound`; `WrongState` for a job that has ended.
pub async fn cancel(app: &App, who: &Principal, id: Uuid) -> Result<job::Model> {
    who.require(Scope::Write)?;
    look::find(app, who, id).await?;
    let mut w = app.write(who).await?;
    let row = locked(&w, id).await?;
    let owner = row.owner_id;
    let mut active = row.clone().into_active_model();
    match row.state {
        JobState::Queued | JobState::Parked => {
            active.state = Set(JobState::Cancelled);
            active.finished_at = Set(Some(w.now));
        }
        JobState::Running => active.cancel_requested = Set(true),
        ended => {
            return Err(Error::wrong_state(format!(
                "the job is {ended:?} already; only waiting or running jobs can be cancelled"
            )));
        }
    }
    let row = active.update(w.db()).await?;
    w.audit("job.cancel", "job", Some(id), serde_json::json!({ "kind": row.kind })).await?;
    w.announce_job(id, owner, ChangeKind::Updated);
    w.commit().await?;
    Ok(row)
}

/// Begins a dead or cancelled job anew, with all its attempts. It is parked while its connection waits for its owner.
///
/// # Errors
/// `NotFound`; `WrongState` for other states, and while the same work already waits.
pub async fn retry(app: &App, who: &Principal, id: Uuid) -> Result<job::Model> {
    who.require(Scope::Write)?;
    look::find(app, who, id).await?;
    let mut w = app.write(who).await?;
    let row = locked(&w, id).await?;
    if !matches!(row.state, JobState::Dead | JobState::Cancelled) {
        return Err(Error::wrong_state(format!(
            "the job is {:?}; only dead or cancelled jobs can be retried",
            row.state
        )));
    }
    let (owner, class) = (row.owner_id, row.class);
    let state = w.first_state(row.connection_id).await?;
    let mut active = row.into_active_model();
    active.state = Set(state);
    active.run_at = Set(w.now);
    active.rank = Set(None);
    active.attempt = Set(0);
    active.crash_count = Set(0);
    active.cancel_requested = Set(false);
    active.finished_at = Set(None);
    let row = active.update(w.db()).await.map_err(|error| match Error::is_unique_violation(&error) {
        true => Error::wrong_state("the same work already waits as another job"),
        false => error.into(),
    })?;
    w.audit("job.retry", "job", Some(id), serde_json::json!({ "kind": row.kind })).await?;
    w.announce_job(id, owner, ChangeKind::Updated);
    if state == JobState::Queued {
        w.ring_after_commit(class, id);
    }
    w.commit().await?;
    Ok(row)
}

async fn locked(w: &Write<'_>, id: Uuid) -> Result<job::Model> {
    job::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("job"))
}

/// Sets a connection's waiting jobs aside until it works again. Their order is kept.
pub(crate) async fn park_connection(w: &mut Write<'_>, connection_id: Uuid) -> Result<usize> {
    move_all(
        w,
        connection_id,
        JobState::Queued,
        "UPDATE job SET state = 'parked' WHERE connection_id = $1 AND state = 'queued'",
    )
    .await
}

/// Puts a connection's parked jobs back into the queue, in their old order.
pub(crate) async fn resume_connection(w: &mut Write<'_>, connection_id: Uuid) -> Result<usize> {
    let resume = "UPDATE job SET state = 'queued', rank = NULL WHERE connection_id = $1 AND state = 'parked'";
    move_all(w, connection_id, JobState::Parked, resume).await
}

/// Gives up whatever waits for a connection, and asks what runs for it to stop.
pub(crate) async fn cancel_connection(w: &mut Write<'_>, connection_id: Uuid) -> Result<usize> {
    let rows = job::Entity::find()
        .filter(job::Column::ConnectionId.eq(connection_id))
        .filter(job::Column::State.is_in([JobState::Queued, JobState::Parked, JobState::Running]))
        .order_by_asc(job::Column::Id)
        .all(w.db())
        .await?;
    for (sql, values) in [
        (
            "UPDATE job SET state = 'cancelled', finished_at = $2 WHERE connection_id = $1 AND state IN ('queued', 'parked')",
            vec![connection_id.into(), w.now.into()],
        ),
        (
            "UPDATE job SET cancel_requested = TRUE WHERE connection_id = $1 AND state = 'running'",
            vec![connection_id.into()],
        ),
    ] {
        let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
        w.db().execute_raw(statement).await?;
    }
    for row in &rows {
        w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
    }
    Ok(rows.len())
}

async fn move_all(w: &mut Write<'_>, connection_id: Uuid, from: JobState, sql: &str) -> Result<usize> {
    let rows = job::Entity::find()
        .filter(job::Column::ConnectionId.eq(connection_id))
        .filter(job::Column::State.eq(from))
        .order_by_asc(job::Column::Id)
        .all(w.db())
        .await?;
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [connection_id.into()]);
    w.db().execute_raw(statement).await?;
    for row in &rows {
        w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
        if from == JobState::Parked {
            w.ring_after_commit(row.class, row.id);
        }
    }
    Ok(rows.len())
}
