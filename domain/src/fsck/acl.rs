//! Kept rights against the rules they come from. The rules are read here in a way of its own, over all documents at once,
//! so that this is a second opinion on what `acl::settle` keeps step by step.

use uuid::Uuid;

use super::{Check, Finding, Findings, REPAIR, rows, run_sql};
use crate::{App, Result, principal::Actor};

/// Itself where it has rules of its own, blocks, or has nobody above; else where its parent's rules stand.
const OUGHT: &str = "CASE WHEN document.parent_id IS NULL OR document.acl_blocks \
       OR EXISTS (SELECT 1 FROM acl_entry e WHERE e.document_id = document.id) THEN document.id \
     ELSE (SELECT p.acl_id FROM document p WHERE p.id = document.parent_id) END";

/// The greatest permission of entries here and above, as far as the nearest document that blocks.
const RESOLVED: &str = "SELECT document.id AS acl_id, e.principal_id, \
       CASE MAX(CASE e.permission WHEN 'admin' THEN 3 WHEN 'write' THEN 2 ELSE 1 END) \
         WHEN 3 THEN 'admin' WHEN 2 THEN 'write' ELSE 'read' END AS permission \
     FROM document JOIN document_ancestor up ON up.document_id = document.id \
     JOIN acl_entry e ON e.document_id = up.ancestor_id \
     WHERE document.acl_id = document.id AND NOT EXISTS (SELECT 1 FROM document_ancestor cut \
       JOIN document b ON b.id = cut.ancestor_id \
       WHERE cut.document_id = document.id AND cut.depth < up.depth AND b.acl_blocks) \
     GROUP BY document.id, e.principal_id";
const KEPT: &str = "SELECT acl_id, principal_id, permission FROM acl_grant";

/// A chain of rules is no longer than the tree is deep.
const ROUNDS: usize = 1000;

pub(super) async fn check(app: &App, repair: bool) -> Result<Vec<Finding>> {
    let mut findings = Findings::of(Check::Rights);
    let snapshot = app.database.snapshot().await?;
    let sql = format!("SELECT id FROM document WHERE acl_id <> {OUGHT} LIMIT 100");
    for row in rows(&snapshot, &sql, Vec::new()).await? {
        let id: Uuid = row.try_get("", "id")?;
        findings.add(format!("document {id}"), "follows the rules of another place than it should", REPAIR);
    }
    for (left, right, fault) in [
        (RESOLVED, KEPT, "the rules give a right that is not kept"),
        (KEPT, RESOLVED, "a right is kept that no rule gives"),
    ] {
        let sql = format!("SELECT acl_id, principal_id, permission FROM ({left} EXCEPT {right}) differing LIMIT 100");
        for row in rows(&snapshot, &sql, Vec::new()).await? {
            let (id, principal): (Uuid, Uuid) = (row.try_get("", "acl_id")?, row.try_get("", "principal_id")?);
            let permission: String = row.try_get("", "permission")?;
            findings.add(format!("document {id}"), format!("{fault}: {permission} of {principal}"), REPAIR);
        }
    }
    snapshot.rollback().await?;
    if repair && !findings.is_empty() {
        make_anew(app).await?;
        findings.repaired();
    }
    Ok(findings.done())
}

async fn make_anew(app: &App) -> Result<()> {
    let w = app.write(Actor::System).await?;
    let follow = format!("UPDATE document SET acl_id = {OUGHT} WHERE acl_id <> {OUGHT}");
    for _ in 0..ROUNDS {
        if run_sql(w.db(), &follow).await? == 0 {
            break;
        }
    }
    run_sql(w.db(), "DELETE FROM acl_grant").await?;
    let fill = format!("INSERT INTO acl_grant (acl_id, principal_id, permission) {RESOLVED}");
    run_sql(w.db(), &fill).await?;
    w.commit().await?;
    Ok(())
}
