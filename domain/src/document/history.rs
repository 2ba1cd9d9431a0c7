//! What was done to a document, for its administrators.

use hawser_entity::audit_entry;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::find::find;
use crate::{
    App, Principal, Result,
    acl::Permission,
    page::{self, Page, Span},
};

/// Audit entries about the document, newest first.
///
/// # Errors
/// `NotFound`; `NotAllowed` without ADMIN on the document.
pub async fn history(app: &App, who: &Principal, id: Uuid, span: &Span<Uuid>) -> Result<Page<audit_entry::Model>> {
    find(app, who, id, Permission::Admin).await?;
    let all = audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(id))
        .filter(audit_entry::Column::Noun.eq("document"));
    page::by_id(app.database.read(), all, audit_entry::Column::Id, true, span).await
}
