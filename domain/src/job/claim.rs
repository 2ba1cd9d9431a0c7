//! Taking due jobs: as many as there are free slots, in one statement, each with a new lease.

use std::time::Duration;

use hawser_entity::{
    change::ChangeKind,
    job::{self, JobClass},
};
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, EntityTrait, Statement};

use super::Work;
use crate::{App, Error, Result, Write, principal::Actor};

/// A job this process runs now, with the lease that proves it.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub row: job::Model,
    pub work: Work,
}

/// Claims up to `slots` due jobs of a class, most urgent first. A payload that no longer reads is given up at once,
/// so that it cannot stand in the way of others.
pub async fn claim(app: &App, worker: &str, class: JobClass, slots: usize) -> Result<Vec<Claimed>> {
    claim_ahead(app, worker, class, slots, 0).await
}

/// Like `claim`, and up to `ahead` more that have to wait for a slot. A job under which a worker died is never among
/// those: what waits beside it when it kills again must not be counted as killing too.
pub async fn claim_ahead(app: &App, worker: &str, class: JobClass, slots: usize, ahead: usize) -> Result<Vec<Claimed>> {
    if !any_due(app, class).await? {
        return Ok(Vec::new());
    }
    let mut w = app.write(Actor::System).await?;
    let lock = match w.db().get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let due = |but: &str, limit: &str| {
        format!(
            "SELECT id FROM (SELECT id FROM job WHERE state = 'queued' AND class = $4 AND run_at <= $3{but} \
             ORDER BY priority DESC, run_at, id LIMIT {limit}{lock}) AS due"
        )
    };
    let sql = format!(
        "UPDATE job SET state = 'running', attempt = attempt + 1, lease_token = lease_token + 1, lease_until = $1, \
         worker = $2, started_at = $3 WHERE id IN ({}) RETURNING *",
        if ahead == 0 { due("", "$5") } else { due("", "$5") + " UNION " + &due(" AND crash_count = 0", "$6") }
    );
    let until = w.now + Duration::from_secs(app.config.lease_seconds);
    let (most, slots) = (limit(slots.saturating_add(ahead)), limit(slots));
    let mut values = vec![until.into(), worker.into(), w.now.into(), class.to_value().into(), slots.into()];
    values.extend((ahead > 0).then(|| most.into()));
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
    let mut rows = job::Entity::find().from_raw_sql(statement).all(w.db()).await?;
    rows.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.run_at.cmp(&b.run_at)).then(a.id.cmp(&b.id)));
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        w.announce_job(row.id, row.owner_id, ChangeKind::Updated);
        match serde_json::from_value(row.payload.clone()) {
            Ok(work) => claimed.push(Claimed { row, work }),
            Err(error) => super::finish::bury(&mut w, &row, &format!("the payload does not read: {error}")).await?,
        }
    }
    w.commit().await?;
    Ok(claimed)
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A look without a lock: an idle worker writes nothing.
async fn any_due(app: &App, class: JobClass) -> Result<bool> {
    let db = app.database.read();
    let sql = "SELECT 1 AS due FROM job WHERE state = 'queued' AND class = $1 AND run_at <= $2 LIMIT 1";
    let values = [class.to_value().into(), app.clock.now().into()];
    Ok(db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?.is_some())
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
            _ => Err(Error::Fenced),
        }
    }
}
