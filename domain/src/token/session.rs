//! Sessions: opened with a password, closed by hand, by time, or with the person.

use std::net::IpAddr;

use chrono::Duration;
use hawser_entity::{token::TokenKind, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Issued, issue::issue};
use crate::{
    App, Error, Principal, Result,
    principal::{Actor, Scope},
    user::{email_key, password},
};

/// Signs somebody in.
///
/// # Errors
/// `Invalid` with one and the same sentence for an unknown address, a wrong password, a person without a password and a
/// disabled person; `TooManyTries` after too many of those.
pub async fn sign_in(app: &App, email: &str, password: &SecretString, address: Option<IpAddr>) -> Result<Issued> {
    let key = email_key(email);
    let attempt = super::tries::begin(app, &key, address).await?;
    let user = user::Entity::find().filter(user::Column::EmailKey.eq(key)).one(app.database.read()).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let good = password::verify(hash, password).await?;
    let user = user.filter(|user| good && user.disabled_at.is_none());
    let Some(user) = user else {
        let w = app.write(Actor::System).await?;
        let address = address.map(|it| it.to_string());
        w.audit("session.refuse", "user", None, json!({ "address": address })).await?;
        w.commit().await?;
        return Err(Error::invalid(&["input"], "the e-mail address or the password is wrong"));
    };
    attempt.succeeded().await;
    open(app, &user, address).await
}

/// A session for a person who has proved who they are in another way, such as by standing at the machine itself.
pub async fn open_session(app: &App, user_id: Uuid) -> Result<Issued> {
    let user = user::Entity::find_by_id(user_id).one(app.database.read()).await?;
    let user = user.filter(|user| user.disabled_at.is_none()).ok_or(Error::not_found("user"))?;
    open(app, &user, None).await
}

async fn open(app: &App, user: &user::Model, address: Option<IpAddr>) -> Result<Issued> {
    let lasts = Duration::seconds(i64::try_from(app.config.session_seconds).unwrap_or(i64::MAX));
    let token_id = app.randomness.id(app.clock.now());
    let who = Principal {
        user_id: user.id,
        role: user.role,
        groups: Vec::new(),
        token_id,
        scopes: Scope::ALL.to_vec(),
        is_session: true,
        address,
    };
    let w = app.write(&who).await?;
    let expires_at = w.now + lasts;
    let issued = issue(&w, token_id, user.id, TokenKind::Session, "Session", &Scope::ALL, expires_at).await?;
    w.audit("session.create", "token", Some(token_id), json!({})).await?;
    w.commit().await?;
    Ok(issued)
}

/// Ends the session, or the personal token, that the caller came with.
pub async fn sign_out(app: &App, who: &Principal) -> Result<()> {
    let mut w = app.write(who).await?;
    super::revoke::mark(&mut w, who.token_id).await?;
    w.audit("session.end", "token", Some(who.token_id), json!({})).await?;
    w.commit().await?;
    Ok(())
}
