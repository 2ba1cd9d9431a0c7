//! What the administrators of a document see of its rules.

use hawser_entity::{acl_entry, acl_grant, document, document_ancestor};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Permission;
use crate::{App, Principal, Result, document as documents};

/// The rules of one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub document_id: Uuid,
    /// Given on the document itself.
    pub entries: Vec<acl_entry::Model>,
    /// Given above and holding here, nearest first; empty below a block.
    pub inherited: Vec<acl_entry::Model>,
    /// What comes of both: the greatest permission per principal.
    pub effective: Vec<Entry>,
    pub blocks_inheritance: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub principal_id: Uuid,
    pub permission: Permission,
}

/// # Errors
/// `NotFound`; `NotAllowed` without ADMIN on the document.
pub async fn rules(app: &App, who: &Principal, document_id: Uuid) -> Result<Rules> {
    let snapshot = app.database.snapshot().await?;
    let document = documents::find_in(&snapshot, who, document_id, Permission::Admin).await?;
    let way_up: Vec<(Uuid, bool)> = document_ancestor::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .column(document::Column::AclBlocks)
        .join(sea_orm::JoinType::InnerJoin, documents::ancestor_documents())
        .filter(document_ancestor::Column::DocumentId.eq(document_id))
        .order_by_asc(document_ancestor::Column::Depth)
        .into_tuple()
        .all(&snapshot)
        .await?;
    let mut reach = Vec::new();
    for (id, blocks) in way_up {
        reach.push(id);
        if blocks {
            break;
        }
    }
    let mut all = acl_entry::Entity::find()
        .filter(acl_entry::Column::DocumentId.is_in(reach.iter().copied()))
        .order_by_asc(acl_entry::Column::CreatedAt)
        .order_by_asc(acl_entry::Column::PrincipalId)
        .all(&snapshot)
        .await?;
    all.sort_by_key(|entry| reach.iter().position(|id| *id == entry.document_id));
    let grants = acl_grant::Entity::find()
        .filter(acl_grant::Column::AclId.eq(document.acl_id))
        .order_by_asc(acl_grant::Column::PrincipalId)
        .all(&snapshot)
        .await?;
    snapshot.rollback().await?;
    let (entries, inherited) = all.into_iter().partition(|entry| entry.document_id == document_id);
    let effective =
        grants.into_iter().map(|row| Entry { principal_id: row.principal_id, permission: row.permission }).collect();
    Ok(Rules { document_id, entries, inherited, effective, blocks_inheritance: document.acl_blocks })
}
