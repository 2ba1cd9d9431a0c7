//! Giving and taking rights. Whoever does it keeps ADMIN on the document, so that nobody locks themselves and everybody
//! else out; only users with the role ADMIN may.

use hawser_entity::{acl_entry, change::ChangeKind, document, group, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait, sea_query::OnConflict,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Permission, before, name_of, right, settle};
use crate::{
    App, Error, Principal, Result, Write,
    document::{self as documents, Lock},
    idempotency::Intent,
    principal::EVERYONE,
};

/// Sets what a principal may do with a document and what is below it.
#[derive(Debug, Clone, Serialize)]
pub struct Grant {
    pub document_id: Uuid,
    /// A user, a group or `EVERYONE`.
    pub principal_id: Uuid,
    pub permission: Permission,
    pub expected_name_token: Option<i64>,
}

/// Takes a principal's entry off a document. What is given above still holds.
#[derive(Debug, Clone, Serialize)]
pub struct Revoke {
    pub document_id: Uuid,
    pub principal_id: Uuid,
    pub expected_name_token: Option<i64>,
}

/// Cuts off, or lets in again, what is given above.
#[derive(Debug, Clone, Serialize)]
pub struct Block {
    pub document_id: Uuid,
    pub block: bool,
    pub expected_name_token: Option<i64>,
}

/// # Errors
/// `NotFound` for the document, `Invalid` for a principal that does not exist, `NotAllowed` without ADMIN, `StaleToken`;
/// `WrongState` when the caller would lose ADMIN by it.
pub async fn grant(app: &App, who: &Principal, input: Grant, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "acl.grant", &input)?;
    let mut w = documents::begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return documents::find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = for_admin(&w, who, input.document_id, input.expected_name_token).await?;
    if !exists(&w, input.principal_id).await? {
        return Err(Error::invalid(&["input", "principalId"], "there is no such user or group"));
    }
    let hidden = before(w.db(), document.id).await?;
    put(&w, document.id, input.principal_id, input.permission).await?;
    settle(&w, document.id).await?;
    keeps_admin(&w, who, document.id).await?;
    hidden.announce(&mut w, ChangeKind::Access);
    let detail = json!({ "principal": input.principal_id, "permission": name_of(input.permission) });
    done(w, "acl.grant", document.id, detail, intent).await
}

/// # Errors
/// As `grant`; `WrongState` also when the principal has no entry on this very document.
pub async fn revoke(app: &App, who: &Principal, input: Revoke, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "acl.revoke", &input)?;
    let mut w = documents::begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return documents::find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = for_admin(&w, who, input.document_id, input.expected_name_token).await?;
    let hidden = before(w.db(), document.id).await?;
    let gone = acl_entry::Entity::delete_by_id((document.id, input.principal_id)).exec(w.db()).await?;
    if gone.rows_affected == 0 {
        return Err(Error::wrong_state(
            "this principal has no entry on this document; what is given above is taken away above, or cut off by \
             blocking inheritance",
        ));
    }
    settle(&w, document.id).await?;
    keeps_admin(&w, who, document.id).await?;
    hidden.announce(&mut w, ChangeKind::Access);
    done(w, "acl.revoke", document.id, json!({ "principal": input.principal_id }), intent).await
}

/// A caller whose ADMIN came from above gets an entry of their own when they block.
///
/// # Errors
/// `NotFound`, `NotAllowed` without ADMIN, `StaleToken`; `WrongState` for workspaces, which have nothing above them.
pub async fn block_inheritance(app: &App, who: &Principal, input: Block, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "acl.block", &input)?;
    let mut w = documents::begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return documents::find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = for_admin(&w, who, input.document_id, input.expected_name_token).await?;
    if document.parent_id.is_none() {
        return Err(Error::wrong_state("a workspace inherits nothing: there is nothing above it"));
    }
    let (id, was) = (document.id, document.acl_blocks);
    if was != input.block {
        let hidden = before(w.db(), id).await?;
        let mut active = document.into_active_model();
        active.acl_blocks = Set(input.block);
        active.update(w.db()).await?;
        let acl_id = settle(&w, id).await?;
        if right::permission(w.db(), who, acl_id).await? != Some(Permission::Admin) {
            put(&w, id, who.user_id, Permission::Admin).await?;
            settle(&w, id).await?;
        }
        hidden.announce(&mut w, ChangeKind::Access);
    }
    done(w, "acl.block", id, json!({ "block": input.block }), intent).await
}

async fn for_admin(w: &Write<'_>, who: &Principal, id: Uuid, expected: Option<i64>) -> Result<document::Model> {
    let document = documents::find_in(w.db(), who, id, Permission::Admin).await?;
    documents::expect_name_token(&document, expected)?;
    Ok(document)
}

async fn exists(w: &Write<'_>, principal: Uuid) -> Result<bool> {
    Ok(principal == EVERYONE
        || user::Entity::find_by_id(principal).count(w.db()).await? > 0
        || group::Entity::find_by_id(principal).count(w.db()).await? > 0)
}

/// Writes an entry over the one that may be there. `settle` has to follow.
pub(crate) async fn put(w: &Write<'_>, document_id: Uuid, principal_id: Uuid, permission: Permission) -> Result<()> {
    let row = acl_entry::ActiveModel {
        document_id: Set(document_id),
        principal_id: Set(principal_id),
        permission: Set(permission),
        granted_by: Set(w.actor.user_id()),
        created_at: Set(w.now),
    };
    let replace = OnConflict::columns([acl_entry::Column::DocumentId, acl_entry::Column::PrincipalId])
        .update_columns([acl_entry::Column::Permission, acl_entry::Column::GrantedBy, acl_entry::Column::CreatedAt])
        .to_owned();
    acl_entry::Entity::insert(row).on_conflict(replace).exec_without_returning(w.db()).await?;
    Ok(())
}

async fn keeps_admin(w: &Write<'_>, who: &Principal, id: Uuid) -> Result<()> {
    let document = document::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("document"))?;
    if right::can(w.db(), who, &document, Permission::Admin).await? {
        return Ok(());
    }
    Err(Error::wrong_state(
        "you would lose ADMIN on this document; ask another of its administrators to take it from you",
    ))
}

async fn done(w: Write<'_>, action: &str, id: Uuid, detail: Value, intent: Option<Intent>) -> Result<document::Model> {
    w.audit(action, "document", Some(id), detail).await?;
    w.remember(intent.as_ref(), &id).await?;
    let document = document::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("document"))?;
    w.commit().await?;
    Ok(document)
}
