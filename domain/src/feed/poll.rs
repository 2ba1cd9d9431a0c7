//! Reading a feed from its cursor to its end. Each page's effects and the next cursor are one transaction,
//! so a crash anywhere repeats a page at most, and applying a page twice changes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use hawser_entity::{
    change::ChangeKind,
    connection,
    content::{self, ContentState},
    feed::{self, FeedState},
};
use hawser_providers::{self as providers, Change, CloudFile, Cursor, ErrorKind, Retry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;

use super::{
    open::{announce, open_drive},
    reconcile,
};
use crate::{
    App, Error, Result, Write, connection as connections,
    content::{Gone, Seen, apply},
    job::Claimed,
    principal::Actor,
};

/// Ids of one `IN (…)`: far below the parameter limit of every database.
const CHUNK: usize = 500;
/// Pages of one job: a feed that never ends gives its worker back.
const MAX_PAGES: usize = 1000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Polled {
    pub pages: usize,
    /// Entries of the feed, known to us or not.
    pub entries: usize,
    /// Documents that are different now.
    pub effects: usize,
}

/// # Errors
/// Those of `connection::call`; `Fenced` when another worker took the job over.
pub async fn poll(app: &App, job: &Claimed, feed_id: Uuid) -> Result<Polled> {
    let mut polled = Polled::default();
    let Some(mut feed) = still_open(app, feed_id).await? else { return Ok(polled) };
    let connection = connections::row(app, feed.connection_id).await?;
    if connection.state == connection::ConnectionState::Revoked {
        return Ok(polled);
    }
    let (mut renewed, mut drives) = (false, BTreeSet::new());
    while polled.pages < MAX_PAGES {
        let page = match changes(app, &feed).await {
            Ok(page) => page,
            Err(Error::Cloud(error)) if error.kind == ErrorKind::CursorInvalid && !renewed => {
                renewed = true;
                renew_cursor(app, job, &feed, &connection).await?;
                let Some(again) = still_open(app, feed_id).await? else { return Ok(polled) };
                feed = again;
                continue;
            }
            Err(Error::Cloud(error)) if !feed.drive_id.is_empty() && lost(&error) => {
                note_problem(app, job, &feed, &connection, &error.message).await?;
                break;
            }
            Err(error) => return Err(error),
        };
        let (next, more) = match &page.cursor {
            Cursor::More(next) => (next.clone(), true),
            Cursor::End(next) => (next.clone(), false),
        };
        polled.pages += 1;
        polled.entries += page.changes.len();
        let Some(effects) = take(app, job, &feed, &connection, page.changes, &next, &mut drives).await? else {
            // Another poll of the same feed was quicker. Its page may be older than what this one was asked for.
            let Some(again) = still_open(app, feed_id).await? else { return Ok(polled) };
            feed = again;
            continue;
        };
        polled.effects += effects;
        let stuck = more && next == feed.cursor;
        feed.cursor = next;
        if !more || stuck {
            break;
        }
    }
    polled.effects += reconcile::run_if_due(app, job, feed_id, &connection).await?;
    for drive in drives {
        open_drive(app, &connection, &drive).await?;
    }
    Ok(polled)
}

async fn still_open(app: &App, feed_id: Uuid) -> Result<Option<feed::Model>> {
    let feed = feed::Entity::find_by_id(feed_id).one(app.database.read()).await?;
    Ok(feed.filter(|feed| feed.state == FeedState::Open))
}

async fn changes(app: &App, feed: &feed::Model) -> Result<providers::ChangePage> {
    let (drive, cursor) = (drive(feed), feed.cursor.clone());
    connections::call(app, feed.connection_id, |cloud, access| {
        let (drive, cursor) = (drive.clone(), cursor.clone());
        async move { cloud.changes(&access, drive.as_deref(), &cursor).await }
    })
    .await
}

pub(super) fn drive(feed: &feed::Model) -> Option<String> {
    (!feed.drive_id.is_empty()).then(|| feed.drive_id.clone())
}

/// A shared drive we were put out of answers like one that never was.
pub(super) fn lost(error: &providers::Error) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden)
}

/// What a page says, sorted for application.
#[derive(Default)]
struct Entries {
    files: HashMap<String, CloudFile>,
    removed: HashSet<String>,
    reconcile: bool,
}

fn sort(changes: Vec<Change>, feed: &feed::Model) -> Entries {
    let mut entries = Entries::default();
    for change in changes {
        match change {
            Change::File(file) => {
                entries.removed.remove(&file.id);
                entries.files.insert(file.id.clone(), *file);
            }
            Change::Removed { file_id } => {
                entries.files.remove(&file_id);
                entries.removed.insert(file_id);
            }
            Change::DriveChanged { drive_id } | Change::DriveRemoved { drive_id } => {
                entries.reconcile |= drive_id == feed.drive_id;
            }
        }
    }
    entries
}

/// Applies one page and moves the cursor. Removals are confirmed by a read first: deleted and unshared look alike, and
/// a file that only left the list is still there. `drives` gains the shared drives that known files lie in. Nothing
/// happens, and nothing is returned, when the cursor has moved since.
async fn take(
    app: &App,
    job: &Claimed,
    feed: &feed::Model,
    connection: &connection::Model,
    changes: Vec<Change>,
    next: &str,
    drives: &mut BTreeSet<String>,
) -> Result<Option<usize>> {
    let entries = sort(changes, feed);
    let suspects = suspects(app, connection.id, &entries).await?;
    let confirmed = read_again(app, connection.id, &suspects).await?;
    let mut w = app.write(Actor::System).await?;
    job.fence(&w).await?;
    let mut effects = 0;
    let ids: Vec<_> = entries.files.keys().cloned().collect();
    for content in known(w.db(), connection.id, &ids).await? {
        if let Some(file) = entries.files.get(&content.remote_id) {
            drives.extend(file.drive_id.clone());
            effects += usize::from(apply(&mut w, content, Seen::File(Box::new(file.clone()))).await?);
        }
    }
    for (content, seen) in confirmed {
        if let Seen::File(file) = &seen {
            drives.extend(file.drive_id.clone());
        }
        // It may have been linked anew or changed by its owner since the read.
        if let Some(content) = content::Entity::find_by_id(content.document_id).one(w.db()).await? {
            effects += usize::from(apply(&mut w, content, seen).await?);
        }
    }
    if !move_cursor(&w, feed, next, effects > 0, entries.reconcile).await? {
        w.rollback().await?;
        return Ok(None);
    }
    if effects > 0 {
        announce(&mut w, feed, connection.owner_id, ChangeKind::Updated);
    }
    w.commit().await?;
    Ok(Some(effects))
}

/// Contents an entry throws doubt on without describing them: those that were removed, and those in a folder that was
/// trashed, removed, or changed while they were unavailable. A cloud tells of the folder and not of the files inside.
async fn suspects(app: &App, connection_id: Uuid, entries: &Entries) -> Result<Vec<content::Model>> {
    let db = app.database.read();
    let removed: Vec<_> = entries.removed.iter().cloned().collect();
    let mut suspects = known(db, connection_id, &removed).await?;
    let folders = entries.files.values().filter(|file| file.is_folder).map(|file| (file.id.clone(), file.trashed));
    let folders: Vec<_> = folders.chain(removed.into_iter().map(|id| (id, true))).collect();
    for chunk in folders.chunks(CHUNK) {
        let inside = content::Entity::find()
            .filter(content::Column::ConnectionId.eq(connection_id))
            .filter(content::Column::RemoteParent.is_in(chunk.iter().map(|(id, _)| id)))
            .all(db)
            .await?;
        let lost = |folder: &Option<String>| chunk.iter().any(|(id, lost)| *lost && folder.as_ref() == Some(id));
        suspects.extend(inside.into_iter().filter(|content| {
            let doubtful = content.state == ContentState::Unavailable || lost(&content.remote_parent);
            doubtful && !entries.files.contains_key(&content.remote_id) && !entries.removed.contains(&content.remote_id)
        }));
    }
    Ok(suspects)
}

/// The contents of this connection with one of these ids.
async fn known(db: &impl ConnectionTrait, connection_id: Uuid, ids: &[String]) -> Result<Vec<content::Model>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = content::Entity::find()
            .filter(content::Column::ConnectionId.eq(connection_id))
            .filter(content::Column::RemoteId.is_in(chunk))
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Reads each content's file. "Not found" and "forbidden" are answers, and a file that cannot be read for a lasting
/// reason of its own is passed over; any other trouble stops the poll with the cursor unmoved.
pub(super) async fn read_again(
    app: &App,
    connection_id: Uuid,
    contents: &[content::Model],
) -> Result<Vec<(content::Model, Seen)>> {
    if contents.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> =
        contents.iter().map(|content| (content.remote_id.clone(), content.resource_key.clone())).collect();
    let answers = connections::call(app, connection_id, |cloud, access| {
        let ids = ids.clone();
        async move { cloud.files(&access, &ids).await }
    })
    .await?;
    let mut seen = Vec::with_capacity(contents.len());
    for (content, answer) in contents.iter().zip(answers) {
        match answer {
            Ok(file) => seen.push((content.clone(), Seen::File(Box::new(file)))),
            Err(error) if error.kind == ErrorKind::NotFound => seen.push((content.clone(), Seen::Gone(Gone::NotFound))),
            Err(error) if error.kind == ErrorKind::Forbidden => {
                seen.push((content.clone(), Seen::Gone(Gone::Forbidden)));
            }
            Err(error) if error.retry == Retry::Never && !about_access(error.kind) => {
                tracing::warn!(document = %content.document_id, %error, "a file does not read and is passed over");
            }
            Err(error) => return Err(connections::cloud_error(app, connection_id, error)),
        }
    }
    Ok(seen)
}

/// What is said of the connection and not of one file.
fn about_access(kind: ErrorKind) -> bool {
    use ErrorKind::{AccessExpired, BadClient, GrantRevoked, MissingScope};
    matches!(kind, AccessExpired | BadClient | GrantRevoked | MissingScope)
}

/// The compare-and-set that lets only one of two pollers of the same feed have its way.
async fn move_cursor(w: &Write<'_>, feed: &feed::Model, next: &str, news: bool, reconcile: bool) -> Result<bool> {
    let reconcile = reconcile || feed.problem.is_some();
    let sql = "UPDATE feed SET cursor = $1, last_polled_at = $2, problem = NULL, \
         last_change_at = CASE WHEN $3 THEN $2 ELSE last_change_at END, \
         reconcile_since = CASE WHEN $4 THEN $2 ELSE reconcile_since END \
         WHERE id = $5 AND cursor = $6 AND state = 'open'";
    let values = [next.into(), w.now.into(), news.into(), reconcile.into(), feed.id.into(), feed.cursor.clone().into()];
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
    Ok(w.db().execute_raw(statement).await?.rows_affected() == 1)
}

/// The cloud no longer knows our cursor: take a new one and read everything known again.
async fn renew_cursor(app: &App, job: &Claimed, feed: &feed::Model, connection: &connection::Model) -> Result<()> {
    tracing::warn!(feed = %feed.id, generation = feed.generation, "the cursor was refused; opening a new one");
    let place = drive(feed);
    let cursor = connections::call(app, connection.id, |cloud, access| {
        let place = place.clone();
        async move { cloud.open_feed(&access, place.as_deref()).await }
    })
    .await?;
    let mut w = app.write(Actor::System).await?;
    job.fence(&w).await?;
    let sql =
        "UPDATE feed SET cursor = $1, generation = generation + 1, reconcile_since = $2 WHERE id = $3 AND cursor = $4";
    let values = [cursor.into(), w.now.into(), feed.id.into(), feed.cursor.clone().into()];
    let statement = Statement::from_sql_and_values(w.db().get_database_backend(), sql, values);
    if w.db().execute_raw(statement).await?.rows_affected() == 1 {
        announce(&mut w, feed, connection.owner_id, ChangeKind::Updated);
    }
    w.commit().await?;
    Ok(())
}

/// A shared drive that cannot be read: its files are looked at one by one, and its feed is tried again next time.
async fn note_problem(
    app: &App,
    job: &Claimed,
    feed: &feed::Model,
    connection: &connection::Model,
    problem: &str,
) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    job.fence(&w).await?;
    let sql = "UPDATE feed SET problem = $1, last_polled_at = $2, \
         reconcile_since = CASE WHEN problem IS NULL THEN $2 ELSE reconcile_since END WHERE id = $3";
    let values = [problem.into(), w.now.into(), feed.id.into()];
    w.db().execute_raw(Statement::from_sql_and_values(w.db().get_database_backend(), sql, values)).await?;
    if feed.problem.as_deref() != Some(problem) {
        announce(&mut w, feed, connection.owner_id, ChangeKind::Updated);
    }
    w.commit().await?;
    Ok(())
}
