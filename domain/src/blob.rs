//! Bytes that Hawser keeps: thumbnails, PDFs. Addressed by SHA-256, so the same bytes are kept once.

use bytes::Bytes;
use hawser_entity::blob;
use opendal::Operator;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{App, Error, Result, Write};

/// A folder on disk; files appear under their final name only when complete.
pub fn open_folder(root: &std::path::Path) -> Result<Operator> {
    let temporary = root.join(".incoming");
    let builder =
        opendal::services::Fs::default().root(&root.to_string_lossy()).atomic_write_dir(&temporary.to_string_lossy());
    Ok(Operator::new(builder)?.finish())
}

/// Stores bytes before the transaction that will refer to them. Returns their address.
pub async fn store(app: &App, bytes: Bytes) -> Result<String> {
    let hash = hex::encode(Sha256::digest(&bytes));
    let path = path(&hash);
    if !app.blobs.exists(&path).await? {
        app.blobs.write(&path, bytes).await?;
    }
    Ok(hash)
}

/// Notes a stored blob, in the transaction that begins to refer to it.
pub async fn note(w: &Write<'_>, hash: &str, size: i64) -> Result<()> {
    let row = blob::ActiveModel { hash: Set(hash.to_owned()), size: Set(size), created_at: Set(w.now) };
    let nothing = OnConflict::column(blob::Column::Hash).do_nothing_on([blob::Column::Hash]).to_owned();
    blob::Entity::insert(row).on_conflict(nothing).exec_without_returning(w.db()).await?;
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

fn path(hash: &str) -> String {
    let (folder, _) = hash.split_at(hash.len().min(2));
    format!("{folder}/{hash}")
}
