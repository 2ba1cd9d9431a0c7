//! Taking tokens back, at once and for good; and forgetting those that ended long ago.

use chrono::Duration;
use hawser_entity::token;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result, Write,
    principal::{Actor, Scope},
};

/// How long a token that ended is kept: the audit names tokens by their id, and last month's can still be looked up.
const KEEP: Duration = Duration::days(30);

/// Revokes a token of the caller, or, for administrators, of anybody. Doing it twice is no error.
pub async fn revoke(app: &App, who: &Principal, id: Uuid) -> Result<token::Model> {
    who.require(Scope::Write)?;
    let mut w = app.write(who).await?;
    let row = token::Entity::find_by_id(id).one(w.db()).await?;
    let may = |row: &token::Model| row.user_id == who.user_id || who.require_admin().is_ok();
    let row = row.filter(may).ok_or(Error::not_found("token"))?;
    if row.revoked_at.is_some() {
        return Ok(row);
    }
    mark(&mut w, id).await?;
    let after = token::Model { revoked_at: Some(w.now), ..row };
    w.audit("token.revoke", "token", Some(id), json!({ "user": after.user_id })).await?;
    w.commit().await?;
    Ok(after)
}

pub(super) async fn mark(w: &mut Write<'_>, id: Uuid) -> Result<()> {
    w.changes_standings();
    token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(w.now))
        .filter(token::Column::Id.eq(id))
        .filter(token::Column::RevokedAt.is_null())
        .exec(w.db())
        .await?;
    w.tell_of_ending_after_commit();
    Ok(())
}

/// Revokes what a person signs in with, all but `keep`. Returns how many there were.
pub(crate) async fn revoke_all(w: &mut Write<'_>, user_id: Uuid, keep: Option<Uuid>) -> Result<u64> {
    w.changes_standings();
    let mut query = token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(w.now))
        .filter(token::Column::UserId.eq(user_id))
        .filter(token::Column::RevokedAt.is_null());
    if let Some(keep) = keep {
        query = query.filter(token::Column::Id.ne(keep));
    }
    w.tell_of_ending_after_commit();
    Ok(query.exec(w.db()).await?.rows_affected)
}

/// Forgets tokens that expired or were revoked long ago.
pub async fn purge(app: &App) -> Result<u64> {
    let w = app.write(Actor::System).await?;
    let before = w.now - KEEP;
    let ended = Condition::any().add(token::Column::ExpiresAt.lt(before)).add(token::Column::RevokedAt.lt(before));
    let rows = token::Entity::delete_many().filter(ended).exec(w.db()).await?.rows_affected;
    w.commit().await?;
    Ok(rows)
}
