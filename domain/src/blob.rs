//! Bytes that Hawser keeps: thumbnails, PDFs. Addressed by SHA-256, so the same bytes are kept once.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use hawser_entity::blob;
use opendal::Operator;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
    sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use crate::{App, Error, Result, Write, principal::Actor};

/// A file younger than this is not written again: far less than any grace of `collect`.
const YOUNG: Duration = Duration::from_secs(3600);
/// Files looked at together.
const CHUNK: usize = 500;

/// A folder on disk; files appear under their final name only when complete.
pub fn open_folder(root: &std::path::Path) -> Result<Operator> {
    let temporary = root.join(".incoming");
    let builder =
        opendal::services::Fs::default().root(&root.to_string_lossy()).atomic_write_dir(&temporary.to_string_lossy());
    Ok(Operator::new(builder)?.finish())
}

/// Stores bytes before the transaction that will refer to them. Returns their address. A file that is there but old is
/// written again, which makes it young: the collector leaves it until the transaction has had its time.
pub async fn store(app: &App, bytes: Bytes) -> Result<String> {
    let hash = hex::encode(Sha256::digest(&bytes));
    let path = path(&hash);
    let young = app.clock.now() - YOUNG;
    if written_at(app, &path).await?.is_none_or(|at| at < young) {
        app.blobs.write(&path, bytes).await?;
    }
    Ok(hash)
}

/// Notes a stored blob, in the transaction that begins to refer to it.
pub async fn note(w: &Write<'_>, hash: &str, size: i64) -> Result<()> {
    let row = blob::ActiveModel { hash: Set(hash.to_owned()), size: Set(size), created_at: Set(w.now) };
    let again = OnConflict::column(blob::Column::Hash).update_column(blob::Column::CreatedAt).to_owned();
    blob::Entity::insert(row).on_conflict(again).exec_without_returning(w.db()).await?;
    Ok(())
}

/// # Errors
/// `NotFound` when no such bytes are kept.
pub async fn read(app: &App, hash: &str) -> Result<Bytes> {
    match app.blobs.read(&path(hash)).await {
        Ok(buffer) => Ok(buffer.to_bytes()),
        Err(error) if error.kind() == opendal::ErrorKind::NotFound => Err(Error::not_found("blob")),
        Err(error) => Err(error.into()),
    }
}

/// What a collection took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    pub rows: u64,
    pub files: u64,
}

/// Takes away what nothing refers to any more: renditions are replaced, documents deleted, transactions given up. What is
/// younger than `grace` stays, since its transaction may still be under way.
pub async fn collect(app: &App, grace: Duration) -> Result<Collected> {
    let w = app.write(Actor::System).await?;
    let before = w.now - grace;
    let sql = "DELETE FROM blob WHERE created_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM rendition WHERE rendition.blob = blob.hash) \
         AND NOT EXISTS (SELECT 1 FROM picture WHERE picture.blob = blob.hash) \
         AND NOT EXISTS (SELECT 1 FROM extraction WHERE extraction.text_blob = blob.hash)";
    let unused = Statement::from_sql_and_values(w.db().get_database_backend(), sql, [before.into()]);
    let rows = w.db().execute_raw(unused).await?.rows_affected();
    w.commit().await?;
    let mut files = 0;
    let mut some = Vec::with_capacity(CHUNK);
    let mut listed = app.blobs.lister_with("/").recursive(true).await?;
    while let Some(entry) = listed.try_next().await? {
        if entry.metadata().is_file() {
            some.push(entry.path().to_owned());
        }
        if some.len() == CHUNK {
            files += sweep(app, &some, before).await?;
            some.clear();
        }
    }
    files += sweep(app, &some, before).await?;
    Ok(Collected { rows, files })
}

async fn sweep(app: &App, paths: &[String], before: DateTime<Utc>) -> Result<u64> {
    let hashes = paths.iter().filter_map(|path| path.rsplit('/').next());
    let known: Vec<String> = blob::Entity::find()
        .select_only()
        .column(blob::Column::Hash)
        .filter(blob::Column::Hash.is_in(hashes))
        .into_tuple()
        .all(app.database.read())
        .await?;
    let kept: HashSet<String> = known.iter().map(|hash| path(hash)).collect();
    let mut gone = 0;
    for path in paths.iter().filter(|path| !kept.contains(*path)) {
        if written_at(app, path).await?.is_some_and(|at| at < before) {
            app.blobs.delete(path).await?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// When a file was written, if it is there.
async fn written_at(app: &App, path: &str) -> Result<Option<DateTime<Utc>>> {
    match app.blobs.stat(path).await {
        Ok(file) => Ok(file.last_modified().map(|at| SystemTime::from(at).into())),
        Err(error) if error.kind() == opendal::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn path(hash: &str) -> String {
    let (folder, _) = hash.split_at(hash.len().min(2));
    format!("{folder}/{hash}")
}
