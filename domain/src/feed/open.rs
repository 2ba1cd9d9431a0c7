//! Opening, scheduling and closing feeds.

use std::{collections::HashSet, time::Duration};

use hawser_entity::{
    change::{ChangeKind, Noun},
    channel, connection, content,
    feed::{self, FeedState},
    job as job_row, provider,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::poll::{drive, lost};
use crate::{
    App, Error, Principal, Result, Write, change, connection as connections,
    job::{self, Work, schedule},
    principal::{Actor, Scope},
};

/// Opens the feed of an account (`drive_id` absent) or of a shared drive: the cursor is fetched before the first
/// metadata read, so that no change in between is lost. An open feed is returned as it is.
///
/// # Errors
/// Those of `connection::call`; `WrongState` or `NeedsReauth` when the connection ended meanwhile.
pub async fn open(app: &App, connection: &connection::Model, drive_id: Option<&str>) -> Result<feed::Model> {
    let key = drive_id.unwrap_or_default();
    let known = by_place(app.database.read(), connection.id, key).await?;
    if let Some(feed) = known.as_ref().filter(|feed| feed.state == FeedState::Open) {
        return Ok(feed.clone());
    }
    let drive = drive_id.map(str::to_owned);
    let cursor = connections::call(app, connection.id, |cloud, access| {
        let drive = drive.clone();
        async move { cloud.open_feed(&access, drive.as_deref()).await }
    })
    .await?;
    let mut w = app.write(Actor::System).await?;
    // While the cloud was asked, the connection may have ended, and another may have opened the feed.
    let connection = connection::Entity::find_by_id(connection.id).one(w.db()).await?;
    let connection = connection.ok_or(Error::not_found("connection"))?;
    connections::alive(&connection)?;
    if let Some(feed) = by_place(w.db(), connection.id, key).await?.filter(|feed| feed.state == FeedState::Open) {
        w.rollback().await?;
        return Ok(feed);
    }
    let provider = crate::provider::live(w.db(), connection.provider_id).await?;
    let feed = store(&w, &connection, key, cursor, known.is_some()).await?;
    announce(&mut w, &feed, connection.owner_id, ChangeKind::Created);
    let every = seconds(provider.poll_seconds);
    schedule::set(&w, &poll_name(feed.id), &poll_job(&feed, &connection), every, every).await?;
    if provider.push {
        let renew = job::New::now(Work::RenewChannel { feed_id: feed.id }).for_connection(&connection);
        w.queue(renew).await?;
    }
    match drive_id {
        Some(drive) => adopt(&mut w, &feed, &connection, drive).await?,
        None => connections::mended(&mut w, &connection).await?,
    }
    w.commit().await?;
    Ok(feed)
}

/// Files of this drive that another feed was followed for are followed here from now on. The cursor is younger than what
/// is known of them, so they are read once more.
async fn adopt(w: &mut Write<'_>, feed: &feed::Model, connection: &connection::Model, drive: &str) -> Result<()> {
    let adopted = content::Entity::update_many()
        .col_expr(content::Column::FeedId, Expr::value(feed.id))
        .filter(content::Column::ConnectionId.eq(connection.id))
        .filter(content::Column::DriveId.eq(drive))
        .filter(content::Column::FeedId.ne(feed.id))
        .exec(w.db())
        .await?;
    if adopted.rows_affected > 0 {
        let reconcile = feed::ActiveModel { id: Set(feed.id), reconcile_since: Set(Some(w.now)), ..Default::default() };
        reconcile.update(w.db()).await?;
        poll_soon(w, feed, connection, 0).await?;
    }
    Ok(())
}

/// Follows a shared drive that known files were found in, where the account is a member of it.
pub(super) async fn open_drive(app: &App, connection: &connection::Model, drive: &str) -> Result<()> {
    match open(app, connection, Some(drive)).await {
        // Shared with us from a drive we are no member of: only the account's own feed can tell of it.
        Ok(_) | Err(Error::Cloud(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The open feed that tells of files in this place: the drive's own, else the account's.
pub(crate) async fn of_place(w: &Write<'_>, connection_id: Uuid, drive_id: Option<&str>) -> Result<Option<Uuid>> {
    for place in [drive_id.unwrap_or_default(), ""] {
        let feed = by_place(w.db(), connection_id, place).await?.filter(|feed| feed.state == FeedState::Open);
        if let Some(feed) = feed {
            return Ok(Some(feed.id));
        }
    }
    Ok(None)
}

/// Opens what every active connection should have open: the account's feed, since a consent may succeed while it does
/// not open, and the feeds of shared drives that were closed when the connection ended.
pub async fn open_missing(app: &App) -> Result<usize> {
    let db = app.database.read();
    let active = connection::Column::State.eq(connection::ConnectionState::Active);
    let connections = connection::Entity::find().filter(active).all(db).await?;
    let closed = feed::Entity::find().filter(feed::Column::State.eq(FeedState::Closed)).all(db).await?;
    let accounts: HashSet<Uuid> = feed::Entity::find()
        .select_only()
        .column(feed::Column::ConnectionId)
        .filter(feed::Column::DriveId.eq(""))
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut opened = 0;
    for connection in connections {
        let closed = closed.iter().filter(|feed| feed.connection_id == connection.id).map(drive);
        let missing = (!accounts.contains(&connection.id)).then_some(None);
        for place in closed.chain(missing) {
            match open(app, &connection, place.as_deref()).await {
                Ok(_) => opened += 1,
                Err(Error::Cloud(error)) if place.is_some() && lost(&error) => {
                    forget(app, &connection, place.as_deref().unwrap_or_default()).await?;
                }
                Err(error) => tracing::info!(connection = %connection.id, %error, "a feed does not open yet"),
            }
        }
    }
    Ok(opened)
}

/// The account is no longer a member of a drive whose feed is closed: its own feed tells what there is to tell.
async fn forget(app: &App, connection: &connection::Model, drive: &str) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    let known = by_place(w.db(), connection.id, drive).await?.filter(|feed| feed.state == FeedState::Closed);
    let Some(feed) = known else { return Ok(()) };
    let account = of_place(&w, connection.id, None).await?;
    content::Entity::update_many()
        .col_expr(content::Column::FeedId, Expr::value(account))
        .filter(content::Column::FeedId.eq(feed.id))
        .exec(w.db())
        .await?;
    feed::Entity::delete_by_id(feed.id).exec(w.db()).await?;
    announce(&mut w, &feed, connection.owner_id, ChangeKind::Deleted);
    w.commit().await?;
    Ok(())
}

async fn by_place(db: &impl ConnectionTrait, connection_id: Uuid, drive_id: &str) -> Result<Option<feed::Model>> {
    Ok(feed::Entity::find()
        .filter(feed::Column::ConnectionId.eq(connection_id))
        .filter(feed::Column::DriveId.eq(drive_id))
        .one(db)
        .await?)
}

/// A closed feed opens again with a new cursor: what it knew has to be read anew.
async fn store(
    w: &Write<'_>,
    connection: &connection::Model,
    drive: &str,
    cursor: String,
    again: bool,
) -> Result<feed::Model> {
    let row = feed::ActiveModel {
        id: Set(w.id()),
        connection_id: Set(connection.id),
        drive_id: Set(drive.to_owned()),
        cursor: Set(cursor),
        generation: Set(1),
        state: Set(FeedState::Open),
        last_polled_at: Set(None),
        last_change_at: Set(None),
        reconcile_since: Set(again.then_some(w.now)),
        last_reconciled_at: Set(Some(w.now)),
        problem: Set(None),
        created_at: Set(w.now),
    };
    use feed::Column::{ConnectionId, Cursor, DriveId, Problem, ReconcileSince, State};
    let reopen = OnConflict::columns([ConnectionId, DriveId])
        .update_columns([Cursor, State, ReconcileSince, Problem])
        .to_owned();
    feed::Entity::insert(row).on_conflict(reopen).exec_without_returning(w.db()).await?;
    feed::Entity::find()
        .filter(ConnectionId.eq(connection.id))
        .filter(DriveId.eq(drive))
        .one(w.db())
        .await?
        .ok_or_else(|| Error::Internal("a feed was not stored".into()))
}

/// The feeds of a connection the caller may see.
pub async fn list(app: &App, connection_id: Uuid) -> Result<Vec<feed::Model>> {
    Ok(feed::Entity::find()
        .filter(feed::Column::ConnectionId.eq(connection_id))
        .order_by_asc(feed::Column::DriveId)
        .all(app.database.read())
        .await?)
}

/// # Errors
/// `NotFound` unless the feed belongs to a connection of the caller.
pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<feed::Model> {
    let feed = feed::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("feed"))?;
    let connection = connections::row(app, feed.connection_id).await?;
    if who.is_admin() || connection.owner_id == who.user_id { Ok(feed) } else { Err(Error::not_found("feed")) }
}

/// Reads a feed now because somebody asked. Returns the job that does.
///
/// # Errors
/// `NotFound`; `WrongState` for a closed feed; `NeedsReauth` while its connection waits for its owner.
pub async fn poll_now(app: &App, who: &Principal, id: Uuid) -> Result<job_row::Model> {
    who.require(Scope::Write)?;
    let feed = find(app, who, id).await?;
    if feed.state == FeedState::Closed {
        return Err(Error::wrong_state("this feed is closed; connect the account again to open it"));
    }
    let connection = connections::row(app, feed.connection_id).await?;
    connections::alive(&connection)?;
    let mut w = app.write(who).await?;
    let job = poll_soon(&mut w, &feed, &connection, 10).await?;
    w.commit().await?;
    job::find(app, who, job).await
}

/// Asks for a poll now, for a push or an impatient person.
pub async fn poll_soon(
    w: &mut Write<'_>,
    feed: &feed::Model,
    connection: &connection::Model,
    priority: i32,
) -> Result<Uuid> {
    w.queue(poll_job(feed, connection).with_priority(priority)).await
}

fn poll_job(feed: &feed::Model, connection: &connection::Model) -> job::New {
    job::New::now(Work::PollFeed { feed_id: feed.id }).for_connection(connection)
}

/// Stops reading a connection's feeds.
pub(crate) async fn close_all(w: &mut Write<'_>, connection_id: Uuid) -> Result<()> {
    let connection = connection::Entity::find_by_id(connection_id).one(w.db()).await?;
    let owner = connection.map(|connection| connection.owner_id);
    let feeds = feed::Entity::find().filter(feed::Column::ConnectionId.eq(connection_id)).all(w.db()).await?;
    for feed in feeds {
        schedule::remove(w, &poll_name(feed.id)).await?;
        schedule::remove(w, &renew_name(feed.id)).await?;
        let mut active = feed.into_active_model();
        active.state = Set(FeedState::Closed);
        let feed = active.update(w.db()).await?;
        if let Some(owner) = owner {
            announce(w, &feed, owner, ChangeKind::Updated);
        }
    }
    Ok(())
}

/// After an account was connected again: reads every open feed at once and opens its channel anew, since the cloud may
/// have stopped ringing when the consent before ended.
pub(crate) async fn catch_up(w: &mut Write<'_>, connection: &connection::Model, push: bool) -> Result<()> {
    let feeds = feed::Entity::find()
        .filter(feed::Column::ConnectionId.eq(connection.id))
        .filter(feed::Column::State.eq(FeedState::Open))
        .all(w.db())
        .await?;
    for feed in feeds {
        poll_soon(w, &feed, connection, 0).await?;
        if push {
            w.queue(job::New::now(Work::RenewChannel { feed_id: feed.id }).for_connection(connection)).await?;
        }
    }
    Ok(())
}

/// Applies a provider's new polling interval, and its wish for pushes, to its open feeds.
pub(crate) async fn reschedule(w: &mut Write<'_>, provider: &provider::Model) -> Result<()> {
    let every = seconds(provider.poll_seconds);
    let connections =
        connection::Entity::find().filter(connection::Column::ProviderId.eq(provider.id)).all(w.db()).await?;
    for connection in connections {
        let feeds = feed::Entity::find()
            .filter(feed::Column::ConnectionId.eq(connection.id))
            .filter(feed::Column::State.eq(FeedState::Open))
            .all(w.db())
            .await?;
        for feed in feeds {
            schedule::set(w, &poll_name(feed.id), &poll_job(&feed, &connection), every, every).await?;
            if provider.push && !has_channel(w, feed.id).await? {
                let renew = job::New::now(Work::RenewChannel { feed_id: feed.id }).for_connection(&connection);
                w.queue(renew).await?;
            }
        }
    }
    Ok(())
}

async fn has_channel(w: &Write<'_>, feed_id: Uuid) -> Result<bool> {
    let live = channel::Entity::find()
        .filter(channel::Column::FeedId.eq(feed_id))
        .filter(channel::Column::StoppedAt.is_null())
        .filter(channel::Column::ResourceId.is_not_null())
        .filter(channel::Column::ExpiresAt.gt(w.now));
    Ok(live.count(w.db()).await? > 0)
}

pub(super) fn announce(w: &mut Write<'_>, feed: &feed::Model, owner_id: Uuid, kind: ChangeKind) {
    w.announce_with(change::New {
        noun: Noun::Feed,
        subject_id: feed.id,
        kind,
        owner_id: Some(owner_id),
        audience: None,
    });
}

pub(super) fn poll_name(feed_id: Uuid) -> String {
    format!("poll_feed:{feed_id}")
}

pub(super) fn renew_name(feed_id: Uuid) -> String {
    format!("renew_channel:{feed_id}")
}

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(300).max(30))
}
