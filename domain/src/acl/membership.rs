//! What it means for documents that somebody came into a group, or left it.

use hawser_entity::{acl_grant, change::ChangeKind, change::Noun};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{Result, Write, change};

/// Puts a line into the change log for each document whose rules name the group. `formerly` may lose sight of them.
pub(crate) async fn announce_group(w: &mut Write<'_>, group_id: Uuid, formerly: &[Uuid]) -> Result<()> {
    let grants = acl_grant::Entity::find()
        .filter(acl_grant::Column::PrincipalId.eq(group_id))
        .order_by_asc(acl_grant::Column::AclId)
        .all(w.db())
        .await?;
    for grant in grants {
        w.announce_with(change::New {
            noun: Noun::Document,
            subject_id: grant.acl_id,
            kind: ChangeKind::Access,
            owner_id: None,
            audience: Some(formerly.to_vec()).filter(|formerly| !formerly.is_empty()),
        });
    }
    Ok(())
}
