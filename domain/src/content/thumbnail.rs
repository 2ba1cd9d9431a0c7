//! The cloud's picture of a file, kept as a blob so that looking at a folder asks nothing of the cloud.

use bytes::Bytes;
use hawser_entity::{
    change::ChangeKind,
    content::{self, ContentState},
    rendition::{self, RenditionKind},
};
use hawser_providers::{ErrorKind, Thumbnail};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use uuid::Uuid;

use crate::{App, Error, Result, Write, blob, connection as connections, document, principal::Actor};

/// Pixels of the longer side asked of the cloud.
const EDGE: u32 = 512;

/// The picture of a document's file and its type, fetched now where the kept one is of an older content. The old one serves
/// while the cloud gives no other. The address of its bytes is an ETag.
pub async fn thumbnail(app: &App, document_id: Uuid) -> Result<Option<(rendition::Model, Bytes)>> {
    match fetch(app, document_id).await {
        Ok(Some((w, _))) => {
            w.commit().await?;
        }
        Ok(None) => {}
        Err(error) => tracing::info!(document = %document_id, %error, "no new picture to be had"),
    }
    let Some(kept) = kept(app, document_id).await? else { return Ok(None) };
    let bytes = blob::read(app, &kept.blob).await?;
    Ok(Some((kept, bytes)))
}

/// Whether there is a picture, kept or to be had.
pub async fn has_thumbnail(app: &App, content: &content::Model) -> Result<bool> {
    let offered = content.state == ContentState::Ok && super::described(content)?.has_thumbnail;
    Ok(offered || kept(app, content.document_id).await?.is_some())
}

/// Fetches the picture unless the kept one is of the same content, and announces it. Nothing to write when there is no
/// picture to be had.
pub async fn fetch_thumbnail(app: &App, document_id: Uuid) -> Result<Option<Write<'_>>> {
    let Some((mut w, content)) = fetch(app, document_id).await? else { return Ok(None) };
    document::mark(&mut w, content.document_id, ChangeKind::Metadata).await?;
    Ok(Some(w))
}

/// Leaves a new picture in an open transaction.
async fn fetch(app: &App, document_id: Uuid) -> Result<Option<(Write<'_>, content::Model)>> {
    let Some(content) = super::of(app, document_id).await? else { return Ok(None) };
    let file = super::described(&content)?;
    if content.state == ContentState::Unavailable || !file.has_thumbnail || is_kept(app, &content).await? {
        return Ok(None);
    }
    let answer = connections::call(app, content.connection_id, |cloud, access| {
        let file = file.clone();
        async move { cloud.thumbnail(&access, &file, EDGE).await }
    })
    .await;
    let picture = match answer {
        Ok(picture) => picture,
        Err(Error::Cloud(error)) if matches!(error.kind, ErrorKind::Unsupported | ErrorKind::NotFound) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let hash = blob::store(app, picture.bytes.clone()).await?;
    let w = app.write(Actor::System).await?;
    if content::Entity::find_by_id(document_id).one(w.db()).await?.is_none() {
        w.rollback().await?;
        return Ok(None);
    }
    keep(&w, &content, &picture, hash).await?;
    Ok(Some((w, content)))
}

async fn keep(w: &Write<'_>, content: &content::Model, picture: &Thumbnail, hash: String) -> Result<()> {
    let size = i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX);
    blob::note(w, &hash, size).await?;
    let row = rendition::ActiveModel {
        document_id: Set(content.document_id),
        kind: Set(RenditionKind::Thumbnail),
        source: Set(source(content)),
        blob: Set(hash),
        mime_type: Set(picture.mime_type.clone()),
        size: Set(size),
        created_at: Set(w.now),
    };
    use rendition::Column::{Blob, CreatedAt, DocumentId, Kind, MimeType, Size, Source};
    let replace =
        OnConflict::columns([DocumentId, Kind]).update_columns([Source, Blob, MimeType, Size, CreatedAt]).to_owned();
    rendition::Entity::insert(row).on_conflict(replace).exec_without_returning(w.db()).await?;
    Ok(())
}

async fn kept(app: &App, document_id: Uuid) -> Result<Option<rendition::Model>> {
    let key = (document_id, RenditionKind::Thumbnail);
    Ok(rendition::Entity::find_by_id(key).one(app.database.read()).await?)
}

async fn is_kept(app: &App, content: &content::Model) -> Result<bool> {
    Ok(kept(app, content.document_id).await?.is_some_and(|kept| kept.source == source(content)))
}

/// Moves when the cloud would draw another picture.
fn source(content: &content::Model) -> String {
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    format!("{}|{}|{}", part(&content.thumbnail_version), part(&content.revision), part(&content.hash))
}
