//! Creating documents: workspaces by anybody, everything else by those who may write to the parent.

use hawser_entity::document::{self, DocumentKind};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    find::{begin, find_in},
    insert::{OnTaken, insert},
    tree::Lock,
};
use crate::{
    App, Error, Principal, Result,
    acl::{self, Permission},
    idempotency::Intent,
};

#[derive(Debug, Clone, Serialize)]
pub struct New {
    /// Absent for workspaces and for nothing else.
    pub parent_id: Option<Uuid>,
    pub kind: DocumentKind,
    pub name: String,
}

/// Whoever creates a workspace has ADMIN there; other documents have the rights of their parent.
///
/// # Errors
/// `NotFound` and `NotAllowed` for the parent (WRITE is needed), and those of `insert`.
pub async fn create(app: &App, who: &Principal, input: New, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "document.create", &input)?;
    let mut w = begin(app, who, Lock::Leaf).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return find_in(w.db(), who, id, Permission::Read).await;
    }
    if let Some(parent) = input.parent_id {
        find_in(w.db(), who, parent, Permission::Write).await.map_err(Error::at("parentId"))?;
    }
    let document = insert(&mut w, input.parent_id, input.kind, &input.name, OnTaken::Fail).await?;
    if document.parent_id.is_none() {
        acl::put(&w, document.id, who.user_id, Permission::Admin).await?;
        acl::settle(&w, document.id).await?;
    }
    let detail = json!({ "kind": document.kind, "name": document.name, "parent": document.parent_id });
    w.audit("document.create", "document", Some(document.id), detail).await?;
    w.remember(intent.as_ref(), &document.id).await?;
    w.commit().await?;
    Ok(document)
}
