//! Push channels: opened, renewed before they end, and believed only when they repeat their secret.
//! A push is a hint; all it can do is ask for a poll a little earlier.

use std::time::Duration;

use futures::{StreamExt, stream};
use hawser_entity::{channel, connection, feed, provider};
use hawser_providers::{ErrorKind, Push, WatchRequest};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    QueryTrait,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::open::{poll_soon, renew_name};
use super::poll::drive;
use crate::{
    App, Error, Result, connection as connections,
    job::{self, Work, schedule},
    principal::Actor,
};

/// The longest life asked for; the cloud may grant less.
const LIFE: Duration = Duration::from_secs(7 * 86_400);
/// How long ending a connection may wait for the cloud to stop ringing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pushed polls go before those of the clock.
const PRIORITY: i32 = 10;

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// A poll was asked for.
    Queued,
    /// A greeting, or a channel that ended: nothing to do.
    Ignored,
    /// The secret or the resource is not the channel's.
    Refused,
}

/// Opens a new channel for a feed, then stops the old ones. The row exists before the cloud is asked, because the first
/// push may come before the answer.
pub async fn renew_channel(app: &App, feed_id: Uuid) -> Result<()> {
    let Some(feed) = feed::Entity::find_by_id(feed_id).one(app.database.read()).await? else { return Ok(()) };
    let connection = connections::row(app, feed.connection_id).await?;
    let provider = provider::Entity::find_by_id(connection.provider_id).one(app.database.read()).await?;
    if feed.state == feed::FeedState::Closed || provider.is_none_or(|provider| !provider.push) {
        return Ok(());
    }
    let token = hex::encode(app.randomness.bytes::<32>());
    let channel = insert(app, &feed, &token).await?;
    let request = WatchRequest {
        channel_id: channel.id.to_string(),
        address: format!("{}/webhooks/{}", app.config.public_url(), feed.id),
        token,
        expires_at: app.clock.now() + LIFE,
    };
    let (place, cursor) = (drive(&feed), feed.cursor.clone());
    let watch = connections::call(app, connection.id, |cloud, access| {
        let (place, cursor, request) = (place.clone(), cursor.clone(), request.clone());
        async move {
            match cloud.watch(&access, place.as_deref(), &cursor, &request).await {
                // The next poll mends the cursor; the channel rings as well with any other.
                Err(error) if error.kind == ErrorKind::CursorInvalid => {
                    let fresh = cloud.open_feed(&access, place.as_deref()).await?;
                    cloud.watch(&access, place.as_deref(), &fresh, &request).await
                }
                answer => answer,
            }
        }
    })
    .await;
    let watch = match watch {
        Ok(watch) => watch,
        Err(error) => {
            let w = app.write(Actor::System).await?;
            channel::Entity::delete_by_id(channel.id).exec(w.db()).await?;
            w.commit().await?;
            return Err(error);
        }
    };
    let old = live(app, feed_id, channel.id).await?;
    let w = app.write(Actor::System).await?;
    let open = feed::Entity::find_by_id(feed_id).filter(feed::Column::State.eq(feed::FeedState::Open));
    if open.one(w.db()).await?.is_none() {
        // Closed while the cloud was asked: nobody renews this channel, and its pushes are ignored until it ends.
        w.rollback().await?;
        return Ok(());
    }
    let mut active = channel.into_active_model();
    active.resource_id = Set(Some(watch.resource_id));
    active.expires_at = Set(watch.expires_at);
    active.update(w.db()).await?;
    let life = (watch.expires_at - w.now).to_std().unwrap_or(Duration::from_secs(3600));
    let again = job::New::now(Work::RenewChannel { feed_id }).for_connection(&connection);
    let renewal = life.mul_f64(0.8).max(Duration::from_secs(30));
    schedule::set(&w, &renew_name(feed_id), &again, renewal, renewal).await?;
    w.commit().await?;
    for channel in old {
        stop(app, connection.id, channel).await?;
    }
    Ok(())
}

async fn insert(app: &App, feed: &feed::Model, token: &str) -> Result<channel::Model> {
    let w = app.write(Actor::System).await?;
    let row = channel::ActiveModel {
        id: Set(w.id()),
        feed_id: Set(feed.id),
        token_hash: Set(Sha256::digest(token).to_vec()),
        resource_id: Set(None),
        message_number: Set(0),
        expires_at: Set(w.now + LIFE),
        created_at: Set(w.now),
        stopped_at: Set(None),
    };
    let channel = row.insert(w.db()).await?;
    w.commit().await?;
    Ok(channel)
}

async fn live(app: &App, feed_id: Uuid, but: Uuid) -> Result<Vec<channel::Model>> {
    Ok(channel::Entity::find()
        .filter(channel::Column::FeedId.eq(feed_id))
        .filter(channel::Column::Id.ne(but))
        .filter(channel::Column::StoppedAt.is_null())
        .all(app.database.read())
        .await?)
}

/// Stops every channel of a connection at the cloud while its tokens still work. Best effort, and not for long: channels
/// left over there end by themselves.
pub(crate) async fn stop_pushes(app: &App, connection: &connection::Model) {
    if connection.state != connection::ConnectionState::Active {
        return;
    }
    match tokio::time::timeout(PATIENCE, stop_all(app, connection.id)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::info!(connection = %connection.id, %error, "channels were not stopped"),
        Err(_) => tracing::info!(connection = %connection.id, "channels were not stopped in time"),
    }
}

/// The same for many connections at once, and altogether not for long either.
pub(crate) async fn stop_pushes_of(app: &App, connections: &[connection::Model]) {
    let all = stream::iter(connections).for_each_concurrent(8, |connection| stop_pushes(app, connection));
    if tokio::time::timeout(3 * PATIENCE, all).await.is_err() {
        tracing::info!(connections = connections.len(), "not all channels were stopped in time");
    }
}

/// Forgets channels that ended a day ago or longer. Returns how many.
pub async fn purge_channels(app: &App) -> Result<u64> {
    let w = app.write(Actor::System).await?;
    let before = w.now - chrono::Duration::days(1);
    let ended = Condition::any().add(channel::Column::ExpiresAt.lt(before)).add(channel::Column::StoppedAt.lt(before));
    let rows = channel::Entity::delete_many().filter(ended).exec(w.db()).await?.rows_affected;
    w.commit().await?;
    Ok(rows)
}

async fn stop_all(app: &App, connection_id: Uuid) -> Result<()> {
    let feeds = feed::Entity::find()
        .select_only()
        .column(feed::Column::Id)
        .filter(feed::Column::ConnectionId.eq(connection_id))
        .into_query();
    let channels = channel::Entity::find()
        .filter(channel::Column::FeedId.in_subquery(feeds))
        .filter(channel::Column::StoppedAt.is_null())
        .all(app.database.read())
        .await?;
    for channel in channels {
        stop(app, connection_id, channel).await?;
    }
    Ok(())
}

/// Best effort at the cloud: a channel left over there ends by itself, and its pushes are ignored here.
async fn stop(app: &App, connection_id: Uuid, channel: channel::Model) -> Result<()> {
    if let Some(resource) = channel.resource_id.clone() {
        let id = channel.id.to_string();
        let stopped = connections::call(app, connection_id, |cloud, access| {
            let (id, resource) = (id.clone(), resource.clone());
            async move { cloud.unwatch(&access, &id, &resource).await }
        })
        .await;
        if let Err(error) = stopped {
            tracing::info!(channel = %channel.id, %error, "the old channel was not stopped at the cloud");
        }
    }
    let w = app.write(Actor::System).await?;
    let mut active = channel.into_active_model();
    active.stopped_at = Set(Some(w.now));
    active.update(w.db()).await?;
    w.commit().await?;
    Ok(())
}

/// A push for a feed. `read` gives the request's headers by name.
///
/// # Errors
/// `NotFound` for a feed that is not ours.
pub async fn receive_push(
    app: &App,
    feed_id: Uuid,
    read: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<PushOutcome> {
    let feed = feed::Entity::find_by_id(feed_id).one(app.database.read()).await?.ok_or(Error::not_found("feed"))?;
    let connection = connections::row(app, feed.connection_id).await?;
    let cloud = crate::provider::cloud(app, connection.provider_id).await?;
    let Some(push) = cloud.read_push(&|name| read(name)) else { return Ok(PushOutcome::Refused) };
    let Some(channel) = known_channel(app, &feed, &push).await? else { return Ok(PushOutcome::Ignored) };
    let believed: bool = channel.token_hash.ct_eq(Sha256::digest(&push.token).as_slice()).into();
    let same_resource = channel.resource_id.as_ref().is_none_or(|resource| *resource == push.resource_id);
    if !believed || !same_resource {
        return Ok(PushOutcome::Refused);
    }
    if push.is_greeting {
        return Ok(PushOutcome::Ignored);
    }
    let mut w = app.write(Actor::System).await?;
    poll_soon(&mut w, &feed, &connection, PRIORITY).await?;
    w.commit().await?;
    Ok(PushOutcome::Queued)
}

async fn known_channel(app: &App, feed: &feed::Model, push: &Push) -> Result<Option<channel::Model>> {
    let Ok(id) = Uuid::parse_str(&push.channel_id) else { return Ok(None) };
    let channel = channel::Entity::find_by_id(id)
        .filter(channel::Column::FeedId.eq(feed.id))
        .filter(channel::Column::StoppedAt.is_null())
        .filter(channel::Column::ExpiresAt.gt(app.clock.now()))
        .one(app.database.read())
        .await?;
    Ok(channel.filter(|_| feed.state == feed::FeedState::Open))
}
