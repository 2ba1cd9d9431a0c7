//! Places in the queue of a class: start-time fair queuing. A job gets its place once it is due: behind the last of its
//! account, and never before what runs already. So accounts take turns however long their queues are, and a claim is
//! nothing but a walk along an index ([decision 0014](../../../docs/decisions/0014-accounts-take-turns.md)).

use hawser_entity::job::JobClass;
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, Statement};

use crate::{Result, Write};

/// Jobs that get their places in one statement.
const MOST: u32 = 1000;

/// A subquery: the place behind which a job of this class, priority and account goes. The words are SQL for each.
pub(super) fn last(class: &str, priority: &str, account: &str) -> String {
    let queue =
        |state: &str| format!("job AS q WHERE q.state = '{state}' AND q.class = {class} AND q.priority = {priority}");
    let (queued, running) = (queue("queued"), queue("running"));
    format!(
        "(SELECT COALESCE(MAX(place), 0) FROM (\
         SELECT MAX(q.rank) AS place FROM {queued} AND q.account_id = {account} AND q.rank IS NOT NULL \
         UNION ALL SELECT COALESCE((SELECT MAX(q.rank) FROM {running}), \
         (SELECT MIN(q.rank) - 1 FROM {queued} AND q.crash_count = 0 AND q.rank IS NOT NULL))) AS places)"
    )
}

/// Gives places to what became due. Those of one account keep their order.
pub(super) async fn admit(w: &Write<'_>, class: JobClass) -> Result<()> {
    let backend = w.db().get_database_backend();
    let lock = if backend == DbBackend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE job SET rank = due.place FROM (SELECT id, {last} + ROW_NUMBER() OVER \
         (PARTITION BY priority, account_id ORDER BY run_at, id) AS place FROM \
         (SELECT id, priority, account_id, run_at FROM job WHERE state = 'queued' AND class = $1 AND rank IS NULL \
         AND run_at <= $2 ORDER BY run_at LIMIT {MOST}{lock}) AS d) AS due WHERE job.id = due.id",
        last = last("$1", "d.priority", "d.account_id"),
    );
    let statement = Statement::from_sql_and_values(backend, sql, [class.to_value().into(), w.now.into()]);
    w.db().execute_raw(statement).await?;
    Ok(())
}
