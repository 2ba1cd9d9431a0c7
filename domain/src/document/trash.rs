//! Into the trash and back, always with all that is below. What was put into the trash earlier keeps its own root there,
//! and stays behind when what is above it comes back.

use hawser_entity::{change::ChangeKind, document};
use sea_orm::EntityTrait;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    find::{begin, expect_name_token, find_in},
    insert::{container, expect_free},
    place,
    tree::{self, Lock},
};
use crate::{
    App, Error, Principal, Result, Write,
    acl::{self, Permission},
    idempotency::Intent,
    name,
};

#[derive(Debug, Clone, Serialize)]
pub struct Trash {
    pub id: Uuid,
    pub expected_name_token: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Restore {
    pub id: Uuid,
    /// Another folder than the one it was in.
    pub parent_id: Option<Uuid>,
    /// Another name, for when a live sibling took the old one.
    pub name: Option<String>,
    pub expected_name_token: Option<i64>,
}

const HIDE: &str = "UPDATE document SET trash_root_id = $1, trashed_at = $2, name_token = name_token + 1 \
     WHERE trash_root_id IS NULL AND id IN (SELECT document_id FROM document_ancestor WHERE ancestor_id = $1)";

const SHOW: &str = "UPDATE document SET trash_root_id = NULL, trashed_at = NULL, name_token = name_token + 1 \
     WHERE trash_root_id = $2 AND id IN (SELECT document_id FROM document_ancestor WHERE ancestor_id = $1)";

/// Announces TRASHED.
///
/// # Errors
/// `NotFound`; `NotAllowed` without WRITE on the document and its folder (ADMIN on a workspace); `StaleToken`; `WrongState`
/// when it is there already.
pub async fn trash(app: &App, who: &Principal, input: Trash, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "document.trash", &input)?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = removable(&w, who, input.id).await?;
    expect_name_token(&document, input.expected_name_token)?;
    expect_live(&document)?;
    let hidden = acl::before(w.db(), document.id).await?;
    let rows = tree::run(w.db(), HIDE, [document.id.into(), w.now.into()]).await?;
    hidden.announce(&mut w, ChangeKind::Trashed);
    w.audit("document.trash", "document", Some(document.id), json!({ "name": document.name, "documents": rows }))
        .await?;
    w.remember(intent.as_ref(), &document.id).await?;
    let document = reread(&w, document.id).await?;
    w.commit().await?;
    Ok(document)
}

/// Back to the folder it was in, or to another. Part of what lies in the trash can be restored on its own to another
/// folder. Announces RESTORED.
///
/// # Errors
/// `NotFound`; `NotAllowed` as for `trash`, and without WRITE on the folder it goes to; `StaleToken`; `NameTaken`;
/// `WrongState` when it is not in the trash, or when its folder is and no other is given.
pub async fn restore(app: &App, who: &Principal, input: Restore, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "document.restore", &input)?;
    let new_name = input.name.as_deref().map(|name| name::clean(name, &["input", "name"])).transpose()?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = removable(&w, who, input.id).await?;
    expect_name_token(&document, input.expected_name_token)?;
    let Some(trash_root) = document.trash_root_id else {
        return Err(Error::wrong_state("the document is not in the trash"));
    };
    let place = match (document.parent_id, input.parent_id) {
        (None, Some(_)) => return Err(Error::at("parentId")(Error::wrong_state("a workspace stays at the root"))),
        (_, Some(other)) => {
            Some(find_in(w.db(), who, other, Permission::Write).await.map_err(Error::at("parentId"))?.id)
        }
        (old, None) => old,
    };
    if let Some(place) = place {
        container(&w, place).await?;
    }
    let name = new_name.unwrap_or_else(|| document.name.clone());
    expect_free(&w, place, &name, document.id).await?;
    let hidden = acl::before(w.db(), document.id).await?;
    let document = settle_in(&w, who, document, place, name).await?;
    tree::run(w.db(), SHOW, [document.id.into(), trash_root.into()]).await?;
    hidden.announce(&mut w, ChangeKind::Restored);
    w.audit("document.restore", "document", Some(document.id), json!({ "name": document.name, "to": place })).await?;
    w.remember(intent.as_ref(), &document.id).await?;
    let document = reread(&w, document.id).await?;
    w.commit().await?;
    Ok(document)
}

/// Name and place while still in the trash, where names may repeat; becoming live is then one statement for all.
async fn settle_in(
    w: &Write<'_>,
    who: &Principal,
    document: document::Model,
    place: Option<Uuid>,
    name: String,
) -> Result<document::Model> {
    match place {
        Some(place) => place::put(w, who, document, place, name).await,
        None => {
            let sql = "UPDATE document SET name = $2, name_key = $3 WHERE id = $1";
            tree::run(w.db(), sql, [document.id.into(), name.clone().into(), name::key(&name).into()]).await?;
            reread(w, document.id).await
        }
    }
}

/// A document the caller may take from where it is.
pub(super) async fn removable(w: &Write<'_>, who: &Principal, id: Uuid) -> Result<document::Model> {
    let document = find_in(w.db(), who, id, Permission::Write).await?;
    match document.parent_id {
        None => find_in(w.db(), who, id, Permission::Admin).await,
        Some(parent) => match find_in(w.db(), who, parent, Permission::Write).await {
            Ok(_) => Ok(document),
            // The document itself is readable, so this is about what may be done with it.
            Err(Error::NotFound { .. }) => Err(Error::not_allowed("folder of this document", "WRITE")),
            Err(error) => Err(error),
        },
    }
}

pub(super) fn expect_live(document: &document::Model) -> Result<()> {
    match document.trash_root_id {
        Some(_) => Err(Error::wrong_state("the document is in the trash; restore it first")),
        None => Ok(()),
    }
}

async fn reread(w: &Write<'_>, id: Uuid) -> Result<document::Model> {
    document::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("document"))
}
