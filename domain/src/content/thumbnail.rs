//! The cloud's picture of a file, kept as a blob so that looking at a folder asks nothing of the cloud.

use bytes::Bytes;
use hawser_entity::{
    change::ChangeKind,
    content::{self, ContentState},
    rendition::{self, RenditionKind},
};
use hawser_providers::{ErrorKind, Thumbnail};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, sea_query::OnConflict};
use uuid::Uuid;

use crate::{App, Error, Result, Write, blob, connection as connections, document, principal::Actor};

/// Pixels of the longer side asked of the cloud.
const EDGE: u32 = 512;

/// The kept picture and its type. The address of its bytes serves as an ETag.
pub async fn thumbnail(app: &App, document_id: Uuid) -> Result<Option<(rendition::Model, Bytes)>> {
    let kept = rendition::Entity::find_by_id((document_id, RenditionKind::Thumbnail)).one(app.database.read()).await?;
    let Some(kept) = kept else { return Ok(None) };
    let bytes = blob::read(app, &kept.blob).await?;
    Ok(Some((kept, bytes)))
}

/// Whether a picture is kept.
pub async fn has_thumbnail(app: &App, document_id: Uuid) -> Result<bool> {
    let kept =
        rendition::Entity::find_by_id((document_id, RenditionKind::Thumbnail)).count(app.database.read()).await?;
    Ok(kept > 0)
}

/// Fetches the picture unless the kept one is of the same content. Nothing to write when there is no picture to be had.
pub async fn fetch_thumbnail(app: &App, document_id: Uuid) -> Result<Option<Write<'_>>> {
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
    let mut w = app.write(Actor::System).await?;
    if content::Entity::find_by_id(document_id).one(w.db()).await?.is_none() {
        w.rollback().await?;
        return Ok(None);
    }
    keep(&mut w, &content, &picture, hash).await?;
    Ok(Some(w))
}

async fn keep(w: &mut Write<'_>, content: &content::Model, picture: &Thumbnail, hash: String) -> Result<()> {
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
    document::mark(w, content.document_id, ChangeKind::Metadata).await?;
    Ok(())
}

async fn is_kept(app: &App, content: &content::Model) -> Result<bool> {
    let key = (content.document_id, RenditionKind::Thumbnail);
    let kept = rendition::Entity::find_by_id(key).one(app.database.read()).await?;
    Ok(kept.is_some_and(|kept| kept.source == source(content)))
}

/// Moves when the cloud would draw another picture.
fn source(content: &content::Model) -> String {
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    format!("{}|{}|{}", part(&content.thumbnail_version), part(&content.revision), part(&content.hash))
}
