//! Deleting for good, and only from the trash. Contents, renditions and rules go with the documents; the bytes kept for
//! them are then referred to by nothing and are left for a collector.

use hawser_entity::{change::ChangeKind, document, document_ancestor};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    find::{begin, expect_name_token, find_in},
    trash::removable,
    tree::Lock,
};
use crate::{
    App, Error, Principal, Result, Write,
    acl::{self, Permission},
    idempotency::Intent,
};

#[derive(Debug, Clone, Serialize)]
pub struct Delete {
    pub id: Uuid,
    pub expected_name_token: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Empty {
    /// Whose trash: a workspace or folder, itself included.
    pub within: Uuid,
}

/// Deletes a document of the trash and all that is below it. Announces DELETED to those who could see it.
///
/// # Errors
/// `NotFound`; `NotAllowed` as for `trash`, and where something below it could not be written to by the caller;
/// `StaleToken`; `WrongState` outside the trash.
pub async fn delete(app: &App, who: &Principal, input: Delete, key: Option<&str>) -> Result<Uuid> {
    let intent = Intent::new(key, "document.delete", &input)?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return Ok(id);
    }
    let document = removable(&w, who, input.id).await?;
    expect_name_token(&document, input.expected_name_token)?;
    if document.trash_root_id.is_none() {
        return Err(Error::wrong_state("only what is in the trash is deleted for good; put it there first"));
    }
    if !may_destroy(&w, who, document.id).await? {
        return Err(Error::not_allowed("content of this folder", acl::name_of(Permission::Write)));
    }
    let documents = destroy(&mut w, &[document.id]).await?;
    let detail = json!({ "name": document.name, "documents": documents });
    w.audit("document.delete", "document", Some(document.id), detail).await?;
    w.remember(intent.as_ref(), &document.id).await?;
    w.commit().await?;
    Ok(document.id)
}

/// Deletes everything in the trash of a place that the caller may delete. Returns what was put there, by its roots.
///
/// # Errors
/// `NotFound` for the place.
pub async fn empty_trash(app: &App, who: &Principal, input: Empty, key: Option<&str>) -> Result<Vec<Uuid>> {
    let intent = Intent::new(key, "document.empty_trash", &input)?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(ids) = w.replay(intent.as_ref()).await? {
        return Ok(ids);
    }
    let place = find_in(w.db(), who, input.within, Permission::Read).await?;
    let below = document_ancestor::Entity::find()
        .select_only()
        .column(document_ancestor::Column::DocumentId)
        .filter(document_ancestor::Column::AncestorId.eq(place.id))
        .into_query();
    let roots: Vec<Uuid> = document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .filter(document::Column::Id.in_subquery(below))
        .filter(Expr::col(document::Column::TrashRootId).equals(document::Column::Id))
        .into_tuple()
        .all(w.db())
        .await?;
    let mut mine = Vec::new();
    for root in roots {
        match removable(&w, who, root).await {
            Ok(_) if may_destroy(&w, who, root).await? => mine.push(root),
            Ok(_) | Err(Error::NotFound { .. } | Error::NotAllowed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let documents = destroy(&mut w, &mine).await?;
    let detail = json!({ "roots": mine.len(), "documents": documents });
    w.audit("document.empty_trash", "document", Some(place.id), detail).await?;
    w.remember(intent.as_ref(), &mine).await?;
    w.commit().await?;
    Ok(mine)
}

/// Nothing is destroyed unseen: the caller could write to everything below.
async fn may_destroy(w: &Write<'_>, who: &Principal, root: Uuid) -> Result<bool> {
    let protected = document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .filter(document::Column::Id.in_subquery(subtrees(&[root])))
        .filter(acl::with_permission(who, Permission::Write).not())
        .into_tuple::<Uuid>()
        .one(w.db())
        .await?;
    Ok(who.is_admin() || protected.is_none())
}

async fn destroy(w: &mut Write<'_>, roots: &[Uuid]) -> Result<u64> {
    let mut documents = 0;
    for root in roots {
        acl::before(w.db(), *root).await?.announce(w, ChangeKind::Deleted);
    }
    for chunk in roots.chunks(500) {
        let grants = hawser_entity::acl_grant::Entity::delete_many();
        grants.filter(hawser_entity::acl_grant::Column::AclId.in_subquery(subtrees(chunk))).exec(w.db()).await?;
        let gone = document::Entity::delete_many().filter(document::Column::Id.in_subquery(subtrees(chunk)));
        documents += gone.exec(w.db()).await?.rows_affected;
    }
    Ok(documents)
}

fn subtrees(roots: &[Uuid]) -> sea_orm::sea_query::SelectStatement {
    document_ancestor::Entity::find()
        .select_only()
        .column(document_ancestor::Column::DocumentId)
        .filter(document_ancestor::Column::AncestorId.is_in(roots.iter().copied()))
        .into_query()
}
