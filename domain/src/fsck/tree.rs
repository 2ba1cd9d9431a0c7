//! Places and names of documents, and rows that other rows refer to.

use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Check, Finding, Findings, REPAIR, rows, run_sql};
use crate::{App, Result, entity::document, name, principal::Actor};

const PAGE: u64 = 1000;

const NO_PARENT: &str = "SELECT d.id FROM document d WHERE d.parent_id IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM document p WHERE p.id = d.parent_id) LIMIT 100";
/// Where every document agrees with its parent, and with itself, all of the closure is right.
const NOT_ITSELF: &str = "SELECT d.id, d.id AS other FROM document d LEFT JOIN document_ancestor a \
     ON a.document_id = d.id AND a.ancestor_id = d.id AND a.depth = 0 WHERE a.document_id IS NULL LIMIT 100";
const MISSING: &str = "SELECT d.id, up.ancestor_id AS other FROM document d \
     JOIN document_ancestor up ON up.document_id = d.parent_id \
     LEFT JOIN document_ancestor a ON a.document_id = d.id AND a.ancestor_id = up.ancestor_id AND a.depth = up.depth + 1 \
     WHERE a.document_id IS NULL LIMIT 100";
const TOO_MANY: &str = "SELECT a.document_id AS id, a.ancestor_id AS other FROM document_ancestor a \
     LEFT JOIN document d ON d.id = a.document_id \
     LEFT JOIN document_ancestor up ON up.document_id = d.parent_id AND up.ancestor_id = a.ancestor_id \
       AND up.depth = a.depth - 1 \
     WHERE (a.depth > 0 AND up.document_id IS NULL) OR (a.depth = 0 AND a.document_id <> a.ancestor_id) \
       OR a.depth < 0 LIMIT 100";
/// A tree deeper than this is a ring.
const CLOSURE: &str = "INSERT INTO document_ancestor (document_id, ancestor_id, depth) \
     WITH RECURSIVE up (document_id, ancestor_id, depth) AS ( \
       SELECT id, id, 0 FROM document UNION ALL \
       SELECT up.document_id, d.parent_id, up.depth + 1 FROM up JOIN document d ON d.id = up.ancestor_id \
       WHERE d.parent_id IS NOT NULL AND up.depth < 1000) SELECT document_id, ancestor_id, depth FROM up";

const RESTORE: &str = "bring the row back from a backup, or move the document in the database";

pub(super) async fn check(app: &App, repair: bool) -> Result<Vec<Finding>> {
    let mut lost = Findings::of(Check::Tree);
    let mut findings = Findings::of(Check::Tree);
    let snapshot = app.database.snapshot().await?;
    for row in rows(&snapshot, NO_PARENT, Vec::new()).await? {
        lost.add(document_of(&row, "id")?, "its parent is missing", RESTORE);
    }
    for (sql, fault) in [
        (NOT_ITSELF, "has no row of itself"),
        (MISSING, "lacks an ancestor"),
        (TOO_MANY, "has an ancestor that is none"),
    ] {
        for row in rows(&snapshot, sql, Vec::new()).await? {
            let other: Uuid = row.try_get("", "other")?;
            findings.add(document_of(&row, "id")?, format!("{fault}: {other}"), REPAIR);
        }
    }
    snapshot.rollback().await?;
    if repair && !findings.is_empty() && lost.is_empty() {
        let w = app.write(Actor::System).await?;
        run_sql(w.db(), "DELETE FROM document_ancestor").await?;
        // In a ring the same pair comes twice, and nothing is changed.
        run_sql(w.db(), CLOSURE).await?;
        w.commit().await?;
        findings.repaired();
    }
    let mut all = lost.done();
    all.extend(findings.done());
    Ok(all)
}

const TWINS: &str = "SELECT MIN(name) AS name, COUNT(*) AS count FROM document WHERE trash_root_id IS NULL \
     GROUP BY parent_id, name_key HAVING COUNT(*) > 1 LIMIT 100";

pub(super) async fn names(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Names);
    let snapshot = app.database.snapshot().await?;
    for row in rows(&snapshot, TWINS, Vec::new()).await? {
        let (name, count): (String, i64) = (row.try_get("", "name")?, row.try_get("", "count")?);
        findings.add(
            format!("{name:?}"),
            format!("is the name of {count} documents in one place"),
            "rename all but one",
        );
    }
    let mut after = Uuid::nil();
    loop {
        let page: Vec<(Uuid, String, String)> = document::Entity::find()
            .select_only()
            .columns([document::Column::Id, document::Column::Name, document::Column::NameKey])
            .filter(document::Column::Id.gt(after))
            .order_by_asc(document::Column::Id)
            .limit(PAGE)
            .into_tuple()
            .all(&snapshot)
            .await?;
        let Some((last, ..)) = page.last() else { break };
        after = *last;
        for (id, name, key) in &page {
            if name::key(name) != *key {
                findings.add(format!("document {id}"), format!("the key of {name:?} is not made of it"), "rename it");
            }
        }
    }
    snapshot.rollback().await?;
    Ok(findings.done())
}

/// PostgreSQL sees to it at every statement; a SQLite file may have been changed by a tool that does not.
pub(super) async fn references(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::References);
    let snapshot = app.database.snapshot().await?;
    if sea_orm::ConnectionTrait::get_database_backend(&snapshot) == DbBackend::Sqlite {
        for row in rows(&snapshot, "PRAGMA foreign_key_check", Vec::new()).await? {
            let (table, parent): (String, String) = (row.try_get("", "table")?, row.try_get("", "parent")?);
            let number: Option<i64> = row.try_get("", "rowid")?;
            let subject = format!("row {} of {table}", number.unwrap_or_default());
            findings.add(
                subject,
                format!("refers to a row of {parent} that is missing"),
                "bring it back from a backup",
            );
        }
    }
    snapshot.rollback().await?;
    Ok(findings.done())
}

fn document_of(row: &sea_orm::QueryResult, column: &str) -> Result<String> {
    Ok(format!("document {}", row.try_get::<Uuid>("", column)?))
}
