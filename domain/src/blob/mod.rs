//! Bytes that Hawser keeps: thumbnails, PDFs. Addressed by SHA-256, so the same bytes are kept once. They lie in a folder or
//! in a bucket (`open`), appear whole or not at all, and are taken away when nothing refers to them (`collect`).

mod collect;
mod open;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use hawser_entity::blob;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{App, Error, Result, Write};

pub use collect::{Collected, collect};
pub use open::{Bucket, answers, open};

/// A file younger than this is not written again: far less than any grace of `collect`.
const YOUNG: Duration = Duration::from_secs(3600);

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

/// How many bytes are kept under this name, if they are there.
pub(crate) async fn size(app: &App, hash: &str) -> Result<Option<i64>> {
    match app.blobs.stat(&path(hash)).await {
        Ok(file) => Ok(i64::try_from(file.content_length()).ok()),
        Err(error) if error.kind() == opendal::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes bytes away; that they are gone already is no error.
pub(crate) async fn delete(app: &App, hash: &str) -> Result<()> {
    Ok(app.blobs.delete(&path(hash)).await?)
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
