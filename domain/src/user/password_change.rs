//! A new password: by the person, who proves to know the old one, or by an administrator for somebody else.

use hawser_entity::user;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::password;
use crate::{App, Error, Principal, Result, principal::Scope, token};

/// Changes the caller's own password and ends all of their other sessions and tokens.
///
/// # Errors
/// `Forbidden` with anything but a session; `Invalid` for a wrong old password or an unfit new one; `TooManyTries`.
pub async fn password_change(
    app: &App,
    who: &Principal,
    old: &SecretString,
    new: &SecretString,
) -> Result<user::Model> {
    if !who.is_session {
        return Err(Error::Forbidden("a password is changed in a session, not with a personal token".into()));
    }
    let fit = password::check(new);
    fit.map_err(|_| Error::invalid(&["input", "newPassword"], "a password has 10 to 512 characters"))?;
    let user = user::Entity::find_by_id(who.user_id).one(app.database.read()).await?;
    let user = user.ok_or(Error::not_found("user"))?;
    let attempt = token::begin_try(app, &user.email_key, who.address).await?;
    if !password::verify(user.password_hash.clone(), old).await? {
        return Err(Error::invalid(&["input", "oldPassword"], "this is not your password"));
    }
    attempt.succeeded().await;
    store(app, who, user.id, new, Some(who.token_id)).await
}

/// Gives somebody else a password and ends all of their sessions and tokens.
///
/// # Errors
/// `Forbidden` unless by an administrator, or for oneself; `Invalid` for an unfit password.
pub async fn password_set(app: &App, who: &Principal, id: Uuid, new: &SecretString) -> Result<user::Model> {
    who.require(Scope::Write)?;
    who.require_admin()?;
    if id == who.user_id {
        return Err(Error::Forbidden("to change your own password, prove that you know the old one".into()));
    }
    password::check(new)?;
    store(app, who, id, new, None).await
}

async fn store(app: &App, who: &Principal, id: Uuid, new: &SecretString, keep: Option<Uuid>) -> Result<user::Model> {
    let hash = password::hash(&app.randomness, new).await?;
    let mut w = app.write(who).await?;
    let before = user::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("user"))?;
    let mut row = before.into_active_model();
    row.password_hash = Set(Some(hash));
    let after = user::Entity::update(row).exec(w.db()).await?;
    let revoked = token::revoke_all(&mut w, id, keep).await?;
    w.audit("user.password_change", "user", Some(id), json!({ "tokensRevoked": revoked })).await?;
    w.commit().await?;
    Ok(after)
}
