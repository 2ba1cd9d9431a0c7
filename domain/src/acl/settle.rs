//! Brings the kept rights of a subtree up to date after its rules or its place changed. A handful of statements whatever
//! the size of the subtree, in the transaction of the change.

use hawser_entity::document;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use uuid::Uuid;

use crate::{Error, Result, Write};

const HAS_ENTRIES: &str = "SELECT 1 AS one FROM acl_entry WHERE document_id = $1 LIMIT 1";

/// Documents below that pointed to the same rules as the root of the subtree follow it; others have nearer rules.
const REPOINT: &str = "UPDATE document SET acl_id = $1 WHERE acl_id = $2 \
     AND id IN (SELECT document_id FROM document_ancestor WHERE ancestor_id = $3)";

const FORGET_ONE: &str = "DELETE FROM acl_grant WHERE acl_id = $1";

const FORGET: &str = "DELETE FROM acl_grant WHERE acl_id IN (SELECT d.id FROM document_ancestor s \
     JOIN document d ON d.id = s.document_id WHERE s.ancestor_id = $1 AND d.acl_id = d.id)";

/// Entries on the way up as far as, and including, the nearest document that blocks; the greatest per principal.
const RESOLVE: &str = "INSERT INTO acl_grant (acl_id, principal_id, permission) \
     SELECT d.id, e.principal_id, CASE MAX(CASE e.permission WHEN 'admin' THEN 3 WHEN 'write' THEN 2 ELSE 1 END) \
       WHEN 3 THEN 'admin' WHEN 2 THEN 'write' ELSE 'read' END \
     FROM document_ancestor s \
     JOIN document d ON d.id = s.document_id AND d.acl_id = d.id \
     JOIN document_ancestor up ON up.document_id = d.id \
     JOIN acl_entry e ON e.document_id = up.ancestor_id \
     WHERE s.ancestor_id = $1 AND NOT EXISTS (SELECT 1 FROM document_ancestor cut \
       JOIN document b ON b.id = cut.ancestor_id \
       WHERE cut.document_id = d.id AND cut.depth < up.depth AND b.acl_blocks) \
     GROUP BY d.id, e.principal_id";

/// Call after changing entries or the block of `root`, or its parent (the closure included). Returns its new `acl_id`.
pub(crate) async fn settle(w: &Write<'_>, root: Uuid) -> Result<Uuid> {
    let db = w.db();
    let statement =
        |sql: &str, values: Vec<sea_orm::Value>| Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = document::Entity::find_by_id(root).one(db).await?.ok_or(Error::not_found("document"))?;
    let has_entries = db.query_one_raw(statement(HAS_ENTRIES, vec![root.into()])).await?.is_some();
    let acl_id = match row.parent_id {
        Some(parent) if !has_entries && !row.acl_blocks => {
            let parent = document::Entity::find_by_id(parent).one(db).await?.ok_or(Error::not_found("document"))?;
            parent.acl_id
        }
        _ => root,
    };
    if acl_id != row.acl_id {
        db.execute_raw(statement(REPOINT, vec![acl_id.into(), row.acl_id.into(), root.into()])).await?;
        if row.acl_id == root {
            db.execute_raw(statement(FORGET_ONE, vec![root.into()])).await?;
        }
    }
    db.execute_raw(statement(FORGET, vec![root.into()])).await?;
    db.execute_raw(statement(RESOLVE, vec![root.into()])).await?;
    Ok(acl_id)
}
