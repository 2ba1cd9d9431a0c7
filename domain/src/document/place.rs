//! Moving a document, with all that is below it, to another folder.

use hawser_entity::{
    change::ChangeKind,
    document::{self, DocumentKind},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    find::{begin, expect_name_token, find_in},
    insert::{container, expect_free, or_taken},
    order,
    trash::expect_live,
    tree::{self, Lock},
};
use crate::{
    App, Error, Principal, Result, Write,
    acl::{self, Permission},
    idempotency::Intent,
    name,
};

#[derive(Debug, Clone, Serialize)]
pub struct Move {
    pub id: Uuid,
    pub parent_id: Uuid,
    /// Another name on arrival; the same when absent.
    pub name: Option<String>,
    pub expected_name_token: Option<i64>,
}

/// Entries and blocks of its own go along; what was inherited stays behind. Arrives last in an ordered folder.
/// Announces MOVED to those who could see it before and those who can now.
///
/// # Errors
/// `NotFound`, `NotAllowed` without WRITE on the document and on both folders, `StaleToken`, `WrongState` for workspaces and
/// in the trash, `Cycle`, `NameTaken`.
pub async fn move_to(app: &App, who: &Principal, input: Move, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "document.move", &input)?;
    let new_name = input.name.as_deref().map(|name| name::clean(name, &["input", "name"])).transpose()?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = find_in(w.db(), who, input.id, Permission::Write).await?;
    expect_name_token(&document, input.expected_name_token)?;
    expect_live(&document)?;
    let Some(old_parent) = document.parent_id else {
        return Err(Error::wrong_state("a workspace stays at the root"));
    };
    find_in(w.db(), who, old_parent, Permission::Write).await?;
    find_in(w.db(), who, input.parent_id, Permission::Write).await.map_err(Error::at("parentId"))?;
    let hidden = acl::before(w.db(), document.id).await?;
    let name = new_name.unwrap_or_else(|| document.name.clone());
    let document = put(&w, who, document, input.parent_id, name).await?;
    hidden.announce(&mut w, ChangeKind::Moved);
    let detail = json!({ "from": old_parent, "to": input.parent_id, "name": document.name });
    w.audit("document.move", "document", Some(document.id), detail).await?;
    w.remember(intent.as_ref(), &document.id).await?;
    w.commit().await?;
    Ok(document)
}

/// Hangs a live document below a container, under a name that must be free there.
pub(super) async fn put(
    w: &Write<'_>,
    who: &Principal,
    document: document::Model,
    parent_id: Uuid,
    name: String,
) -> Result<document::Model> {
    debug_assert_ne!(document.kind, DocumentKind::Workspace);
    let parent = container(w, parent_id).await?;
    let moves = document.parent_id != Some(parent.id);
    if moves {
        tree::rehang(w.db(), document.id, parent.id).await?;
    }
    expect_free(w, Some(parent.id), &name, document.id).await?;
    let (id, token) = (document.id, document.name_token + 1);
    let mut active = document.into_active_model();
    active.parent_id = Set(Some(parent.id));
    active.name_key = Set(name::key(&name));
    active.name = Set(name.clone());
    active.name_token = Set(token);
    if moves {
        active.position = Set(order::last(w, Some(&parent)).await?);
    }
    active.modified_by = Set(Some(who.user_id));
    active.modified_at = Set(w.now);
    let updated = active.update(w.db()).await;
    let mut document = or_taken(w, Some(parent.id), &name, updated).await?;
    if moves {
        document.acl_id = acl::settle(w, id).await?;
    }
    Ok(document)
}
