//! The tree as the database holds it: the closure of ancestors, kept with set-based statements, and the lock that keeps
//! two changes of its shape apart.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::{Error, Result, Write};

/// How deep the tree may be: the closure grows with it, and so do breadcrumbs.
pub(super) const MAX_DEPTH: i64 = 100;

/// What a transaction may do to the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Adds a document below one that stays where it is.
    Leaf,
    /// Renames, moves, hides or removes what is there, or changes its rights or who holds them.
    Whole,
}

/// SQLite has one writer anyway. On PostgreSQL, changes of shape are rare and wait for each other: that two folders
/// cannot be moved into one another, and no child is lost by a parent on the move, then needs no further thought.
pub(super) async fn lock(w: &Write<'_>, lock: Lock) -> Result<()> {
    if w.db().get_database_backend() == DbBackend::Postgres {
        let sql = match lock {
            Lock::Leaf => "SELECT pg_advisory_xact_lock_shared(7246)",
            Lock::Whole => "SELECT pg_advisory_xact_lock(7246)",
        };
        run(w.db(), sql, []).await?;
    }
    Ok(())
}

const ATTACH_ONE: &str = "INSERT INTO document_ancestor (document_id, ancestor_id, depth) \
     SELECT CAST($1 AS {uuid}), ancestor_id, depth + 1 FROM document_ancestor WHERE document_id = $2";

const SELF: &str = "INSERT INTO document_ancestor (document_id, ancestor_id, depth) VALUES ($1, $1, 0)";

/// Closure rows of a new document.
pub(super) async fn add(db: &DatabaseTransaction, id: Uuid, parent: Option<Uuid>) -> Result<()> {
    run(db, SELF, [id.into()]).await?;
    if let Some(parent) = parent {
        // PostgreSQL cannot guess the type of a selected parameter, and SQLite would make a number of it.
        let sql = match db.get_database_backend() {
            DbBackend::Postgres => ATTACH_ONE.replace("{uuid}", "uuid"),
            _ => ATTACH_ONE.replace("CAST($1 AS {uuid})", "$1"),
        };
        run(db, &sql, [id.into(), parent.into()]).await?;
    }
    Ok(())
}

const DETACH: &str = "DELETE FROM document_ancestor WHERE document_id IN \
       (SELECT document_id FROM document_ancestor WHERE ancestor_id = $1) \
     AND ancestor_id IN (SELECT ancestor_id FROM document_ancestor WHERE document_id = $1 AND depth > 0)";

const ATTACH: &str = "INSERT INTO document_ancestor (document_id, ancestor_id, depth) \
     SELECT below.document_id, above.ancestor_id, below.depth + above.depth + 1 \
     FROM document_ancestor below CROSS JOIN document_ancestor above \
     WHERE below.ancestor_id = $1 AND above.document_id = $2";

/// Closure rows of a whole subtree that now hangs below `parent`.
///
/// # Errors
/// `Cycle` when `parent` is in the subtree; `Invalid` when the tree would become too deep.
pub(super) async fn rehang(db: &DatabaseTransaction, root: Uuid, parent: Uuid) -> Result<()> {
    if is_below(db, parent, root).await? {
        return Err(Error::Cycle);
    }
    expect_depth(db, parent, height(db, root).await?).await?;
    run(db, DETACH, [root.into()]).await?;
    run(db, ATTACH, [root.into(), parent.into()]).await?;
    Ok(())
}

/// Whether `id` is `root` or below it.
pub(super) async fn is_below(db: &DatabaseTransaction, id: Uuid, root: Uuid) -> Result<bool> {
    let sql = "SELECT COUNT(*) AS n FROM document_ancestor WHERE document_id = $1 AND ancestor_id = $2";
    Ok(number(db, sql, [id.into(), root.into()]).await? > 0)
}

async fn height(db: &DatabaseTransaction, root: Uuid) -> Result<i64> {
    let sql = "SELECT CAST(MAX(depth) AS BIGINT) AS n FROM document_ancestor WHERE ancestor_id = $1";
    number(db, sql, [root.into()]).await
}

/// # Errors
/// `Invalid` when something of this height below `parent` would be too deep.
pub(super) async fn expect_depth(db: &DatabaseTransaction, parent: Uuid, height: i64) -> Result<()> {
    let sql = "SELECT CAST(MAX(depth) AS BIGINT) AS n FROM document_ancestor WHERE document_id = $1";
    if number(db, sql, [parent.into()]).await? + height + 1 > MAX_DEPTH {
        let message = format!("folders can be nested {MAX_DEPTH} deep; choose a place higher up");
        return Err(Error::invalid(&["input", "parentId"], message));
    }
    Ok(())
}

/// Runs a statement; returns how many rows it touched.
pub(super) async fn run(db: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// The one number `n` that a query gives; 0 where it gives none.
pub(super) async fn number(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<i64> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = db.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get::<Option<i64>>("", "n")).transpose()?.flatten().unwrap_or_default())
}
