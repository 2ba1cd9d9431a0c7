//! Calling a cloud in a connection's name, with a token that is fresh.

use std::{future::Future, sync::Arc};

use chrono::Duration;
use hawser_entity::connection::{self, ConnectionState};
use hawser_providers::{self as providers, Access, ErrorKind, Provider, ProviderKind, Retry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{cloud_error, look, refresh, token};
use crate::{
    App, Error, Principal, Result,
    principal::{Actor, Scope},
    provider,
};

/// How exact `last_used_at` is: a write for every call would cost more than it tells.
const USE_IS_NOTED_EVERY: Duration = Duration::minutes(5);

/// A connection the caller may link and read through: an own one, or one shared with them.
///
/// # Errors
/// `NotFound`; `NotAllowed` for administrators, who see connections but use only their own; `NeedsReauth`;
/// `WrongState` for one that was revoked.
pub async fn usable(app: &App, who: &Principal, id: Uuid) -> Result<connection::Model> {
    who.require(Scope::Read)?;
    let row = look::find(app, who, id).await?;
    if !look::may_use(app, who, &row).await? {
        return Err(Error::not_allowed("connection", "use"));
    }
    alive(&row)?;
    Ok(row)
}

/// Calls the cloud. When it says that the token has expired, one refresh and one repetition follow; a token refused
/// right after its renewal means that the owner has to connect again, and is recorded so.
///
/// # Errors
/// `NotFound`, `NeedsReauth`, `WrongState`, `ProviderUnavailable`, or `Cloud` with the cloud's own answer.
pub async fn call<T, F, Fut>(app: &App, connection_id: Uuid, f: F) -> Result<T>
where
    F: Fn(Arc<dyn Provider>, Access) -> Fut + Send,
    Fut: Future<Output = providers::Result<T>> + Send,
{
    let mut row = fresh(app, connection_id).await?;
    note_use(app, &row).await?;
    let cloud = provider::cloud(app, row.provider_id).await?;
    let mut repeated = false;
    loop {
        let answer = f(cloud.clone(), access(app, &row)?).await;
        count(app, cloud.kind(), answer.as_ref().err());
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match error.kind {
            ErrorKind::AccessExpired if !repeated => {
                repeated = true;
                row = refresh::newer_than(app, connection_id, row.token_version).await?;
            }
            ErrorKind::AccessExpired | ErrorKind::GrantRevoked => {
                refresh::give_up(app, connection_id, row.token_version, None, &error.message).await?;
                return Err(cloud_error(app, connection_id, error));
            }
            _ => return Err(cloud_error(app, connection_id, error)),
        }
    }
}

/// Notes how a call ended, and until when the cloud wants to be left alone.
fn count(app: &App, kind: ProviderKind, error: Option<&providers::Error>) {
    let outcome = match error.map(|error| error.kind) {
        None => "ok",
        Some(ErrorKind::AccessExpired | ErrorKind::GrantRevoked | ErrorKind::BadClient) => "not_signed_in",
        Some(ErrorKind::RateLimited | ErrorKind::QuotaExhausted) => "rate_limited",
        Some(ErrorKind::Unavailable | ErrorKind::Malformed) => "unavailable",
        Some(ErrorKind::NotFound) => "not_found",
        Some(_) => "refused",
    };
    app.metrics.cloud_call(kind.word(), outcome);
    if let ("rate_limited", Some(Retry::After(wait))) = (outcome, error.map(|error| error.retry)) {
        let until = app.clock.now() + wait;
        app.metrics.cloud_blocked(kind.word(), until.timestamp());
    }
}

async fn fresh(app: &App, id: Uuid) -> Result<connection::Model> {
    let row = row(app, id).await?;
    alive(&row)?;
    match token::is_stale(&row, app.clock.now()) {
        true => refresh::newer_than(app, id, row.token_version).await,
        false => Ok(row),
    }
}

/// A connection's row, for the house itself.
pub(crate) async fn row(app: &App, id: Uuid) -> Result<connection::Model> {
    let row = connection::Entity::find_by_id(id).one(app.database.read()).await?;
    row.ok_or(Error::not_found("connection"))
}

/// # Errors
/// `NeedsReauth` or `WrongState` unless calls can be made.
pub(crate) fn alive(row: &connection::Model) -> Result<()> {
    match row.state {
        ConnectionState::Active => Ok(()),
        ConnectionState::NeedsReauth => Err(Error::NeedsReauth { connection: row.id }),
        ConnectionState::Revoked => Err(Error::wrong_state("the connection was revoked; connect the account anew")),
    }
}

fn access(app: &App, row: &connection::Model) -> Result<Access> {
    let token = token::open_access(app, row)?.ok_or(Error::NeedsReauth { connection: row.id })?;
    Ok(Access { connection_id: row.id.to_string(), token })
}

async fn note_use(app: &App, row: &connection::Model) -> Result<()> {
    let now = app.clock.now();
    if row.last_used_at.is_some_and(|last| now - last < USE_IS_NOTED_EVERY) {
        return Ok(());
    }
    let w = app.write(Actor::System).await?;
    connection::Entity::update_many()
        .col_expr(connection::Column::LastUsedAt, Expr::value(now))
        .filter(connection::Column::Id.eq(row.id))
        .exec(w.db())
        .await?;
    w.commit().await?;
    Ok(())
}
