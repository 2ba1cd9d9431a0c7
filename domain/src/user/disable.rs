//! How people go: they are disabled, never deleted, since documents and audit entries name them.

use hawser_entity::user;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::update::keep_an_admin;
use crate::{App, Error, Principal, Result, Write, principal::Scope, token};

/// Ends all sign-ins of this person at once and allows no more. Doing it twice is no error.
///
/// # Errors
/// `Forbidden` unless by an administrator; `WrongState` for the last administrator.
pub async fn disable(app: &App, who: &Principal, id: Uuid) -> Result<user::Model> {
    let (mut w, before) = begin(app, who, id).await?;
    if before.disabled_at.is_some() {
        return Ok(before);
    }
    keep_an_admin(&w, &before).await?;
    let revoked = token::revoke_all(&mut w, id, None).await?;
    let mut row = before.into_active_model();
    w.changes_standings();
    row.disabled_at = Set(Some(w.now));
    let after = user::Entity::update(row).exec(w.db()).await?;
    w.audit("user.disable", "user", Some(id), json!({ "tokensRevoked": revoked })).await?;
    w.commit().await?;
    Ok(after)
}

/// Lets the person sign in again; revoked tokens stay revoked.
pub async fn enable(app: &App, who: &Principal, id: Uuid) -> Result<user::Model> {
    let (w, before) = begin(app, who, id).await?;
    if before.disabled_at.is_none() {
        return Ok(before);
    }
    let mut row = before.into_active_model();
    w.changes_standings();
    row.disabled_at = Set(None);
    let after = user::Entity::update(row).exec(w.db()).await?;
    w.audit("user.enable", "user", Some(id), json!({})).await?;
    w.commit().await?;
    Ok(after)
}

async fn begin<'a>(app: &'a App, who: &'a Principal, id: Uuid) -> Result<(Write<'a>, user::Model)> {
    who.require(Scope::Write)?;
    who.require_admin()?;
    let w = app.write(who).await?;
    let user = user::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("user"))?;
    Ok((w, user))
}
