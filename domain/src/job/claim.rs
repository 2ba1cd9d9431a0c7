//! Taking due jobs: as many as there are free slots, in one statement, each with a new lease.

use std::time::Duration;

use hawser_entity::{
    change::ChangeKind,
    job::{self, JobClass},
};
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, EntityTrait, Statement, Value};
use uuid::Uuid;

use super::{Work, rank};
use crate::{App, Error, Result, Write, principal::Actor};

/// A job this process runs now, with the lease that proves it.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub row: job::Model,
    pub work: Work,
}

/// What a worker has room for.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Jobs that begin at once.
    pub slots: usize,
    /// Jobs that have to wait for a slot.
    pub ahead: usize,
    /// Whether one may be among them under which a worker died. Such a job needs a free slot, and a worker runs one of them
    /// at a time: what dies beside it when it kills again is suspected once, and cleared alone.
    pub suspect: bool,
}

/// Claims up to `slots` due jobs of a class in the order of the queue, at most one suspect among them.
pub async fn claim(app: &App, worker: &str, class: JobClass, slots: usize) -> Result<Vec<Claimed>> {
    claim_next(app, worker, class, Room { slots, ahead: 0, suspect: true }).await
}

/// Claims what comes next in the queue of a class: the most urgent first, accounts in turn. A payload that no longer
/// reads is given up at once, so that it cannot stand in the way of others.
pub async fn claim_next(app: &App, worker: &str, class: JobClass, room: Room) -> Result<Vec<Claimed>> {
    let due = look(app, class).await?;
    let suspect = due.suspect && room.suspect && room.slots > 0;
    if !due.later && !due.next && !suspect {
        return Ok(Vec::new());
    }
    let w = app.write(Actor::System).await?;
    if due.later {
        rank::admit(&w, class).await?;
    }
    let lock = lock(&w);
    let queue = |suspicion: &str, limit: &str| {
        format!(
            "SELECT id FROM (SELECT id FROM job WHERE state = 'queued' AND class = $4 AND {suspicion} AND rank IS NOT NULL \
             ORDER BY priority DESC, rank, id LIMIT {limit}{lock}) AS q"
        )
    };
    let next = queue("crash_count = 0", "$5");
    let due = if suspect { format!("{} UNION ALL {next}", queue("crash_count > 0", "1")) } else { next };
    let rest = room.slots.saturating_add(room.ahead).saturating_sub(usize::from(suspect));
    take(w, worker, class, &due, vec![i64::try_from(rest).unwrap_or(i64::MAX).into()], "table").await
}

/// Claims those of `ids` that still wait. Only for as many as fit the free slots: in which order they begin is nobody's
/// concern then.
pub async fn claim_these(app: &App, worker: &str, class: JobClass, ids: &[Uuid]) -> Result<Vec<Claimed>> {
    let Some(last) = ids.last() else { return Ok(Vec::new()) };
    let w = app.write(Actor::System).await?;
    // Few lengths make few statements to prepare; the last id stands in for those that are missing.
    let length = ids.len().next_power_of_two();
    let ids: Vec<Value> = ids.iter().chain(std::iter::repeat(last)).take(length).map(|id| (*id).into()).collect();
    let names: Vec<_> = (5..5 + length).map(|at| format!("${at}")).collect();
    let due = format!(
        "SELECT id FROM job WHERE id IN ({}) AND state = 'queued' AND class = $4 AND crash_count = 0 AND run_at <= $3{}",
        names.join(", "),
        lock(&w)
    );
    take(w, worker, class, &due, ids, "bell").await
}

fn lock(w: &Write<'_>) -> &'static str {
    match w.db().get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    }
}

/// Leases what `due` selects, which must be done once: PostgreSQL might otherwise select anew for every row. `by` says how
/// it was found.
async fn take(
    mut w: Write<'_>,
    worker: &str,
    class: JobClass,
    due: &str,
    more: Vec<Value>,
    by: &'static str,
) -> Result<Vec<Claimed>> {
    let sql = format!(
        "WITH due AS MATERIALIZED ({due}) UPDATE job SET state = 'running', attempt = attempt + 1, \
         lease_token = lease_token + 1, lease_until = $1, worker = $2, started_at = $3 \
         WHERE id IN (SELECT id FROM due) RETURNING *"
    );
    let until = w.now + Duration::from_secs(w.app.config.lease_seconds);
    let mut values: Vec<Value> = vec![until.into(), worker.into(), w.now.into(), class.to_value().into()];
    values.extend(more);
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
    let mut rows = job::Entity::find().from_raw_sql(statement).all(w.db()).await?;
    if rows.is_empty() {
        // What got its place meanwhile keeps it.
        w.commit().await?;
        return Ok(Vec::new());
    }
    rows.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.rank.cmp(&b.rank)).then(a.id.cmp(&b.id)));
    let mut claimed = Vec::with_capacity(rows.len());
    let mut buried = Vec::new();
    for row in rows {
        w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
        match serde_json::from_value(row.payload.clone()) {
            Ok(work) => claimed.push(Claimed { row, work }),
            Err(error) => {
                let why = format!("the payload does not read: {error}");
                buried.push(super::finish::bury(&mut w, &row, &why).await?);
            }
        }
    }
    let metrics = w.app.metrics.clone();
    w.commit().await?;
    metrics.claimed(by, claimed.len());
    buried.iter().for_each(|outcome| metrics.ended("unreadable", outcome));
    Ok(claimed)
}

/// Whether any job of a class could be claimed, but for somebody who holds its row just now.
pub async fn is_due(app: &App, class: JobClass) -> Result<bool> {
    let due = look(app, class).await?;
    Ok(due.next || due.suspect || due.later)
}

/// What waits, as seen without a lock: an idle worker writes nothing.
struct Due {
    next: bool,
    suspect: bool,
    /// Something became due that has no place yet.
    later: bool,
}

async fn look(app: &App, class: JobClass) -> Result<Due> {
    const QUEUED: &str = "EXISTS (SELECT 1 FROM job WHERE state = 'queued' AND class = $1 AND";
    let sql = format!(
        "SELECT {QUEUED} crash_count = 0 AND rank IS NOT NULL) AS next, \
         {QUEUED} crash_count > 0 AND rank IS NOT NULL) AS suspect, {QUEUED} rank IS NULL AND run_at <= $2) AS later"
    );
    let db = app.database.read();
    let values = [class.to_value().into(), app.clock.now().into()];
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let row = row.ok_or_else(|| Error::Internal("a look at the queue gave no row".into()))?;
    let is = |name| row.try_get::<bool>("", name);
    Ok(Due { next: is("next")?, suspect: is("suspect")?, later: is("later")? })
}

impl Claimed {
    /// Proves within a transaction that the lease still holds, and extends it. For handlers that commit in steps.
    ///
    /// # Errors
    /// `Fenced` when another worker took over: roll back and stop.
    pub async fn fence(&self, w: &Write<'_>) -> Result<()> {
        let until = w.now + Duration::from_secs(w.app.config.lease_seconds);
        let sql = "UPDATE job SET lease_until = $1 WHERE id = $2 AND lease_token = $3 AND state = 'running'";
        let values = [until.into(), self.row.id.into(), self.row.lease_token.into()];
        let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
        match w.db().execute_raw(statement).await?.rows_affected() {
            1 => Ok(()),
            _ => {
                w.app.metrics.fenced(self.work.kind());
                Err(Error::Fenced)
            }
        }
    }

    /// Whether a worker died under it before.
    pub fn is_suspect(&self) -> bool {
        self.row.crash_count > 0
    }
}
