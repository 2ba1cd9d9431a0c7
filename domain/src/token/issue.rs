//! Making tokens. The secret is given out here, once; what stays is its keyed hash.

use chrono::{DateTime, Duration, Utc};
use hawser_entity::token::{self, TokenKind};
use sea_orm::{ActiveValue::Set, EntityTrait};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::secret;
use crate::{App, Error, Principal, Result, Write, principal::Scope};

/// A token just made, with its secret.
#[derive(Debug)]
pub struct Issued {
    pub secret: SecretString,
    pub token: token::Model,
}

/// A personal token to be made.
#[derive(Debug, Clone)]
pub struct New {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires_at: DateTime<Utc>,
}

const LONGEST: Duration = Duration::days(366);

/// Makes a personal token for the caller.
///
/// # Errors
/// `Forbidden` with anything but a session, so that a leaked token cannot outlive itself, and for the admin scope of
/// members; `Invalid` for no scope, or an expiry that is past or more than a year away.
pub async fn create(app: &App, who: &Principal, new: New) -> Result<Issued> {
    if !who.is_session {
        return Err(Error::Forbidden("personal tokens are made in a session, not with another personal token".into()));
    }
    let name = crate::user::checked_name(&new.name)?;
    let mut scopes = new.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::invalid(&["input", "scopes"], "a token needs at least one scope"));
    }
    if scopes.contains(&Scope::Admin) {
        who.require_admin()?;
    }
    let w = app.write(who).await?;
    if new.expires_at <= w.now || new.expires_at > w.now + LONGEST {
        return Err(Error::invalid(&["input", "expiresAt"], "a token expires in the future, within a year"));
    }
    let id = w.id();
    let issued = issue(&w, id, who.user_id, TokenKind::Personal, &name, &scopes, new.expires_at).await?;
    let detail = json!({ "name": name, "scopes": scopes, "expiresAt": new.expires_at });
    w.audit("token.create", "token", Some(id), detail).await?;
    w.commit().await?;
    Ok(issued)
}

pub(super) async fn issue(
    w: &Write<'_>,
    id: Uuid,
    user_id: Uuid,
    kind: TokenKind,
    name: &str,
    scopes: &[Scope],
    expires_at: DateTime<Utc>,
) -> Result<Issued> {
    let secret = secret::mint(&w.app.randomness, kind);
    let keys = &w.app.keys;
    let row = token::ActiveModel {
        id: Set(id),
        user_id: Set(user_id),
        kind: Set(kind),
        name: Set(name.to_owned()),
        hint: Set(secret::hint(&secret)),
        hash: Set(secret::hash(keys, keys.active(), secret.expose_secret())?),
        hash_kid: Set(Some(keys.active().to_owned())),
        scopes: Set(json!(scopes)),
        created_at: Set(w.now),
        last_used_at: Set(None),
        expires_at: Set(expires_at),
        revoked_at: Set(None),
    };
    let token = token::Entity::insert(row).exec_with_returning(w.db()).await?;
    Ok(Issued { secret, token })
}
