//! One refresh at a time: callers of this process share it, other processes wait until the row shows newer tokens.
//! It runs in a task of its own, because a refresh whose answer nobody keeps can cost the grant (rotating tokens).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture, future::Shared};
use hawser_entity::{
    change::ChangeKind,
    connection::{self, ConnectionState},
};
use hawser_providers::{ErrorKind, Grant};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use super::{call, cloud_error, share, token};
use crate::{App, Error, Result, job, principal::Actor, provider};

/// Longer than a refresh can take (the client gives up after 30 s), so that a lease never passes on under its holder.
const LEASE: Duration = Duration::from_secs(45);
/// Looks at another process's refresh, when it is said to be over and every 100 to 250 ms: the latter together longer than a lease, so that one whose holder died
/// is taken over.
const LOOKS: u32 = 300;

/// Refreshes under way in this process, one per connection at most.
#[derive(Debug, Clone, Default)]
pub struct Refreshes(Arc<Mutex<HashMap<Uuid, Flight>>>);

type Flight = Shared<BoxFuture<'static, Landing>>;
type Landing = std::result::Result<(), Crash>;

/// An error that many can be told of.
#[derive(Debug, Clone)]
enum Crash {
    NotFound,
    NeedsReauth,
    Revoked(String),
    Unavailable { message: String, retry_at: Option<chrono::DateTime<chrono::Utc>> },
    Cloud(hawser_providers::Error),
    Other(String),
}

/// The row once its tokens are newer than `seen` and good for use.
///
/// # Errors
/// `NeedsReauth` when the cloud no longer honours the grant; `ProviderUnavailable` for passing trouble and for a client
/// it does not accept.
pub(super) async fn newer_than(app: &App, id: Uuid, seen: i64) -> Result<connection::Model> {
    // A flight joined late may land at the very tokens the caller has seen fail: then one more is due.
    for _ in 0..2 {
        flight(app, id, seen).await.map_err(|crash| crash.told(id))?;
        let row = call::row(app, id).await?;
        call::alive(&row)?;
        if row.token_version > seen {
            return Ok(row);
        }
    }
    let message = "its access tokens cannot be renewed just now".to_owned();
    Err(Error::ProviderUnavailable { message, retry_at: None })
}

fn flight(app: &App, id: Uuid, seen: i64) -> Flight {
    let mut flights = app.refreshes.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(flight) = flights.get(&id) {
        return flight.clone();
    }
    let own = app.clone();
    // The lock is held until the flight stands in the table, so the task cannot leave it before.
    let task = tokio::spawn(async move {
        let _leave = Leave(own.refreshes.clone(), id);
        refresh(&own, id, seen).await.map_err(Crash::from)
    });
    let flight = async move {
        match task.await {
            Ok(landing) => landing,
            Err(error) => Err(Crash::Other(format!("a refresh ended early: {error}"))),
        }
    };
    let flight = flight.boxed().shared();
    flights.insert(id, flight.clone());
    flight
}

/// Takes the flight off the table, even when it panics.
struct Leave(Refreshes, Uuid);

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

async fn refresh(app: &App, id: Uuid, seen: i64) -> Result<()> {
    let mut renewals = app.wakes.renewals();
    for _ in 0..LOOKS {
        let row = call::row(app, id).await?;
        call::alive(&row)?;
        if row.token_version > seen {
            return Ok(());
        }
        let lease = app.randomness.id(app.clock.now());
        if take_lease(app, &row, lease).await? {
            return renew(app, row, lease).await;
        }
        let pause = Duration::from_secs_f64((100.0 + 150.0 * app.randomness.fraction()) / 1000.0);
        let _ = tokio::time::timeout(pause, told_of(id, &mut renewals)).await;
    }
    let message = "another process is renewing its access token and does not finish".to_owned();
    Err(Error::ProviderUnavailable { message, retry_at: None })
}

/// Waits until another process says that it has stopped renewing this connection's tokens.
async fn told_of(id: Uuid, renewals: &mut broadcast::Receiver<Uuid>) {
    loop {
        match renewals.recv().await {
            Ok(other) if other != id => {}
            // Whoever missed some looks for themselves.
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

async fn take_lease(app: &App, row: &connection::Model, lease: Uuid) -> Result<bool> {
    let free = Condition::any()
        .add(connection::Column::RefreshLease.is_null())
        .add(connection::Column::RefreshLeaseUntil.lt(app.clock.now()));
    if row.refresh_lease.is_some() && row.refresh_lease_until.is_some_and(|until| until >= app.clock.now()) {
        return Ok(false);
    }
    let w = app.write(Actor::System).await?;
    let taken = connection::Entity::update_many()
        .col_expr(connection::Column::RefreshLease, Expr::value(lease))
        .col_expr(connection::Column::RefreshLeaseUntil, Expr::value(w.now + LEASE))
        .filter(connection::Column::Id.eq(row.id))
        .filter(connection::Column::TokenVersion.eq(row.token_version))
        .filter(connection::Column::State.eq(ConnectionState::Active))
        .filter(free)
        .exec(w.db())
        .await?;
    w.commit().await?;
    Ok(taken.rows_affected == 1)
}

async fn renew(app: &App, row: connection::Model, lease: Uuid) -> Result<()> {
    let answer = match token::open_refresh(app, &row)? {
        None => {
            let why = "the cloud gave no token to renew the access with";
            give_up(app, row.id, row.token_version, Some(lease), why).await?;
            return Err(Error::NeedsReauth { connection: row.id });
        }
        Some(token) => match provider::cloud(app, row.provider_id).await {
            Ok(cloud) => cloud.refresh(&token).await,
            Err(error) => {
                release(app, row.id, lease).await?;
                return Err(error);
            }
        },
    };
    app.metrics.refresh(match &answer {
        Ok(_) => "renewed",
        Err(error) if matches!(error.kind, ErrorKind::GrantRevoked | ErrorKind::AccessExpired) => "revoked",
        Err(_) => "failed",
    });
    match answer {
        Ok(grant) => keep(app, &row, lease, &grant).await,
        Err(error) if matches!(error.kind, ErrorKind::GrantRevoked | ErrorKind::AccessExpired) => {
            match give_up(app, row.id, row.token_version, Some(lease), &error.message).await? {
                true => Err(Error::NeedsReauth { connection: row.id }),
                // Somebody renewed or reconnected meanwhile: what failed were yesterday's tokens.
                false => Ok(()),
            }
        }
        Err(error) => {
            release(app, row.id, lease).await?;
            Err(cloud_error(app, row.id, error))
        }
    }
}

async fn keep(app: &App, row: &connection::Model, lease: Uuid, grant: &Grant) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    let sealed = token::seal(app, row.id, grant, w.now)?;
    let mut update = connection::Entity::update_many()
        .col_expr(connection::Column::AccessToken, Expr::value(sealed.access))
        .col_expr(connection::Column::ExpiresAt, Expr::value(sealed.expires_at))
        .col_expr(connection::Column::TokenVersion, Expr::value(row.token_version + 1))
        .col_expr(connection::Column::RefreshLease, Expr::value(None::<Uuid>))
        .col_expr(connection::Column::RefreshLeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(connection::Column::Id.eq(row.id))
        .filter(connection::Column::RefreshLease.eq(lease))
        .filter(connection::Column::TokenVersion.eq(row.token_version));
    if let Some(refresh) = sealed.refresh {
        update = update.col_expr(connection::Column::RefreshToken, Expr::value(refresh));
    }
    if let Some(scopes) = &grant.scopes {
        update = update.col_expr(connection::Column::Scopes, Expr::value(json!(scopes)));
    }
    if update.exec(w.db()).await?.rows_affected != 1 {
        tracing::warn!(connection = %row.id, "renewed tokens came too late: the connection has newer ones");
    }
    w.tell_of_renewal_after_commit(row.id);
    w.commit().await?;
    Ok(())
}

async fn release(app: &App, id: Uuid, lease: Uuid) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    connection::Entity::update_many()
        .col_expr(connection::Column::RefreshLease, Expr::value(None::<Uuid>))
        .col_expr(connection::Column::RefreshLeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(connection::Column::Id.eq(id))
        .filter(connection::Column::RefreshLease.eq(lease))
        .exec(w.db())
        .await?;
    w.tell_of_renewal_after_commit(id);
    w.commit().await?;
    Ok(())
}

/// Records that the owner has to connect again and sets the connection's jobs aside, unless the tokens are newer than
/// those that failed. Returns whether it was so.
pub(super) async fn give_up(app: &App, id: Uuid, version: i64, lease: Option<Uuid>, why: &str) -> Result<bool> {
    let mut w = app.write(Actor::System).await?;
    let mut update = connection::Entity::update_many()
        .col_expr(connection::Column::State, Expr::value(ConnectionState::NeedsReauth))
        .col_expr(connection::Column::Problem, Expr::value(format!("the cloud no longer gives access: {why}")))
        .col_expr(connection::Column::ModifiedAt, Expr::value(w.now))
        .col_expr(connection::Column::RefreshLease, Expr::value(None::<Uuid>))
        .col_expr(connection::Column::RefreshLeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(connection::Column::Id.eq(id))
        .filter(connection::Column::TokenVersion.eq(version))
        .filter(connection::Column::State.eq(ConnectionState::Active));
    if let Some(lease) = lease {
        update = update.filter(connection::Column::RefreshLease.eq(lease));
    }
    if update.exec(w.db()).await?.rows_affected != 1 {
        w.rollback().await?;
        return Ok(false);
    }
    let parked = job::park_connection(&mut w, id).await?;
    w.audit("connection.needs_reauth", "connection", Some(id), json!({ "why": why, "parked": parked })).await?;
    if let Some(row) = connection::Entity::find_by_id(id).one(w.db()).await? {
        share::announce(&mut w, &row, ChangeKind::Updated, Vec::new()).await?;
    }
    w.tell_of_renewal_after_commit(id);
    w.commit().await?;
    Ok(true)
}

impl From<Error> for Crash {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::NotFound,
            Error::NeedsReauth { .. } => Self::NeedsReauth,
            Error::WrongState { message, .. } => Self::Revoked(message),
            Error::ProviderUnavailable { message, retry_at } => Self::Unavailable { message, retry_at },
            Error::Cloud(error) => Self::Cloud(error),
            other => Self::Other(other.to_string()),
        }
    }
}

impl Crash {
    fn told(self, connection: Uuid) -> Error {
        match self {
            Self::NotFound => Error::not_found("connection"),
            Self::NeedsReauth => Error::NeedsReauth { connection },
            Self::Revoked(message) => Error::wrong_state(message),
            Self::Unavailable { message, retry_at } => Error::ProviderUnavailable { message, retry_at },
            Self::Cloud(error) => Error::Cloud(error),
            Self::Other(message) => Error::Internal(message),
        }
    }
}
