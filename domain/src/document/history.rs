//! What was done to a document, for its administrators.

use hawser_entity::audit_entry;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::find::find;
use crate::{App, Principal, Result, acl::Permission};

/// Audit entries about the document, newest first, those older than `before`.
///
/// # Errors
/// `NotFound`; `NotAllowed` without ADMIN on the document.
pub async fn history(
    app: &App,
    who: &Principal,
    id: Uuid,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<audit_entry::Model>> {
    find(app, who, id, Permission::Admin).await?;
    let mut query = audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(id))
        .filter(audit_entry::Column::Noun.eq("document"));
    if let Some(before) = before {
        query = query.filter(audit_entry::Column::Id.lt(before));
    }
    Ok(query.order_by_desc(audit_entry::Column::Id).limit(limit).all(app.database.read()).await?)
}
