//! Renaming.

use hawser_entity::{
    change::{ChangeKind, Noun},
    document,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    find::{begin, expect_name_token, find_in},
    insert::{OnTaken, expect_free, free_name, or_taken},
    trash::expect_live,
    tree::Lock,
};
use crate::{App, Principal, Result, Write, acl::Permission, idempotency::Intent, name};

#[derive(Debug, Clone, Serialize)]
pub struct Rename {
    pub id: Uuid,
    pub name: String,
    pub expected_name_token: Option<i64>,
}

/// Another name in the same place. Only the case may differ. Announces MOVED.
///
/// # Errors
/// `NotFound`, `NotAllowed` without WRITE, `StaleToken`, `WrongState` in the trash, `Invalid` names, `NameTaken`.
pub async fn rename(app: &App, who: &Principal, input: Rename, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "document.rename", &input)?;
    let name = name::clean(&input.name, &["input", "name"])?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = find_in(w.db(), who, input.id, Permission::Write).await?;
    expect_name_token(&document, input.expected_name_token)?;
    expect_live(&document)?;
    expect_free(&w, document.parent_id, &name, document.id).await?;
    let (parent, old) = (document.parent_id, document.name.clone());
    let token = document.name_token + 1;
    let mut active = document.into_active_model();
    active.name = Set(name.clone());
    active.name_key = Set(name::key(&name));
    active.name_token = Set(token);
    active.modified_by = Set(Some(who.user_id));
    active.modified_at = Set(w.now);
    let updated = active.update(w.db()).await;
    let document = or_taken(&w, parent, &name, updated).await?;
    w.announce(Noun::Document, document.id, ChangeKind::Moved);
    w.audit("document.rename", "document", Some(document.id), json!({ "from": old, "to": name })).await?;
    w.remember(intent.as_ref(), &document.id).await?;
    w.commit().await?;
    Ok(document)
}

/// The name a document takes because its cloud file was renamed: numbered where a sibling has it. Checks no permission.
/// Announces MOVED.
pub(crate) async fn follow(w: &mut Write<'_>, document: document::Model, name: &str) -> Result<document::Model> {
    let same = name::key(name) == document.name_key;
    let name = match same {
        true => name.to_owned(),
        false => free_name(w, document.parent_id, name, document.kind, OnTaken::Rename).await?,
    };
    let token = document.name_token + 1;
    let mut active = document.into_active_model();
    active.name_key = Set(name::key(&name));
    active.name = Set(name);
    active.name_token = Set(token);
    active.modified_by = Set(w.actor.user_id());
    active.modified_at = Set(w.now);
    let document = active.update(w.db()).await?;
    w.announce(Noun::Document, document.id, ChangeKind::Moved);
    Ok(document)
}
