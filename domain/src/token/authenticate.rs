//! From a secret to a principal. The user's state, role and groups are read anew each time, so that taking them away
//! works at once.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use hawser_entity::{
    group_member,
    token::{self, TokenKind},
    user,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::secret;
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    principal::{Actor, EVERYONE},
};

/// How exact `last_used_at` is: finer would make every reader a writer.
const COARSE: Duration = Duration::minutes(5);

pub(super) const REFUSED: Error = Error::Unauthenticated("this token is unknown, expired or revoked; get a new one");

/// Who carries this secret.
///
/// # Errors
/// `Unauthenticated` when it is malformed (no query is made for those), unknown, expired, revoked, or its user disabled:
/// one answer for all.
pub async fn authenticate(app: &App, secret: &str, address: Option<IpAddr>) -> Result<Principal> {
    if secret::kind(secret).is_none() {
        return Err(REFUSED);
    }
    let hashes = secret::hashes(&app.keys, secret)?;
    let row = token::Entity::find().filter(token::Column::Hash.is_in(hashes)).one(app.database.read()).await?;
    let row = row.ok_or(REFUSED)?;
    let principal = principal(app, &row, address).await?;
    let active = app.keys.active();
    let stale = row.last_used_at.is_none_or(|at| app.clock.now() - at >= COARSE);
    // The secret is at hand only now: this is when a token moves to another key.
    let moves = row.hash_kid.as_deref() != Some(active);
    if stale || moves {
        let w = app.write(Actor::System).await?;
        token::Entity::update_many()
            .col_expr(token::Column::LastUsedAt, Expr::value(w.now))
            .col_expr(token::Column::Hash, Expr::value(secret::hash(&app.keys, active, secret)?))
            .col_expr(token::Column::HashKid, Expr::value(active))
            .filter(token::Column::Id.eq(row.id))
            .exec(w.db())
            .await?;
        w.commit().await?;
    }
    Ok(principal)
}

/// Whoever this token belongs to, as of now: for what was signed in a token's name.
///
/// # Errors
/// `Unauthenticated` once the token expired or was revoked, or the user was disabled.
pub(crate) async fn of_token(app: &App, token_id: Uuid, address: Option<IpAddr>) -> Result<Principal> {
    Ok(read(app, token_id, address).await?.1)
}

/// The token and whom it belongs to.
pub(super) async fn read(app: &App, token_id: Uuid, address: Option<IpAddr>) -> Result<(token::Model, Principal)> {
    let row = token::Entity::find_by_id(token_id).one(app.database.read()).await?.ok_or(REFUSED)?;
    let principal = principal(app, &row, address).await?;
    Ok((row, principal))
}

async fn principal(app: &App, row: &token::Model, address: Option<IpAddr>) -> Result<Principal> {
    if !is_good(row, app.clock.now()) {
        return Err(REFUSED);
    }
    let db = app.database.read();
    let user = user::Entity::find_by_id(row.user_id).one(db).await?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or(REFUSED)?;
    let mut groups: Vec<_> = group_member::Entity::find()
        .select_only()
        .column(group_member::Column::GroupId)
        .filter(group_member::Column::UserId.eq(user.id))
        .into_tuple()
        .all(db)
        .await?;
    groups.retain(|group| *group != EVERYONE);
    groups.push(EVERYONE);
    Ok(Principal {
        user_id: user.id,
        role: user.role,
        groups,
        token_id: row.id,
        scopes: serde_json::from_value(row.scopes.clone())?,
        is_session: row.kind == TokenKind::Session,
        address,
    })
}

fn is_good(row: &token::Model, now: DateTime<Utc>) -> bool {
    row.revoked_at.is_none() && row.expires_at > now
}
