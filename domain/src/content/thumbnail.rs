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

use crate::{
    App, Error, Result, Write, blob, connection as connections, document, extraction,
    job::{self, Work},
    principal::Actor,
};

/// Pixels of the longer side asked of the cloud.
const EDGE: u32 = 512;

/// A picture as it is served.
#[derive(Debug, Clone)]
pub struct Shown {
    pub mime_type: String,
    /// The address of the bytes: an ETag.
    pub blob: String,
    pub bytes: Bytes,
}

/// The picture of a document's file, about `edge` pixels on its longer side: the cloud's, fetched now where the kept one is of
/// an older content, else our own. The old one serves while the cloud gives no other.
pub async fn thumbnail(app: &App, document_id: Uuid, edge: u32) -> Result<Option<Shown>> {
    match fetch(app, document_id, false).await {
        Ok(Fetched::New(w, _)) => {
            w.commit().await?;
        }
        Ok(Fetched::Refused(_) | Fetched::Nothing) => {}
        Err(error) => tracing::info!(document = %document_id, %error, "no new picture to be had"),
    }
    let theirs = kept(app, document_id).await?;
    let drawn = match &theirs {
        Some(kept) => extraction::picture_of_bytes(app, &kept.blob, edge).await?,
        None => extraction::picture_of_document(app, document_id, edge).await?,
    };
    let (mime_type, blob) = match (drawn, theirs) {
        (Some(drawn), _) => (drawn.mime_type, drawn.blob),
        (None, Some(theirs)) => (theirs.mime_type, theirs.blob),
        (None, None) => return Ok(None),
    };
    let bytes = blob::read(app, &blob).await?;
    Ok(Some(Shown { mime_type, blob, bytes }))
}

/// Whether there is a picture, kept or to be had.
pub async fn has_thumbnail(app: &App, content: &content::Model) -> Result<bool> {
    let offered = content.state == ContentState::Ok && super::described(content)?.has_thumbnail;
    Ok(offered || has_kept(app, content.document_id).await?)
}

/// Whether there is a picture here, the cloud's or ours.
pub(crate) async fn has_kept(app: &App, document_id: Uuid) -> Result<bool> {
    let ours = extraction::picture_of_document(app, document_id, EDGE);
    Ok(kept(app, document_id).await?.is_some() || ours.await?.is_some())
}

/// Fetches the picture unless the kept one is of the same content, and announces it. Where the cloud gives none after all, it
/// is to be drawn here. Nothing to write when there is nothing to be had.
pub async fn fetch_thumbnail(app: &App, document_id: Uuid) -> Result<Option<Write<'_>>> {
    match fetch(app, document_id, app.config.extract).await? {
        Fetched::Nothing => Ok(None),
        Fetched::Refused(_) if !app.config.extract => Ok(None),
        Fetched::Refused(content) => {
            let mut w = app.write(Actor::System).await?;
            let mut job = job::New::now(Work::MakeThumbnail { document_id }).for_document(document_id);
            job.connection_id = Some(content.connection_id);
            w.queue(job).await?;
            Ok(Some(w))
        }
        Fetched::New(mut w, content) => {
            document::mark(&mut w, content.document_id, ChangeKind::Metadata).await?;
            Ok(Some(w))
        }
    }
}

/// What came of asking the cloud.
enum Fetched<'a> {
    /// There is nothing to ask for.
    Nothing,
    /// The cloud promised one and gave none.
    Refused(content::Model),
    /// A new picture, in an open transaction.
    New(Write<'a>, content::Model),
}

/// With `draw` the smaller size is drawn from it, which runs a reader: only workers do that.
async fn fetch(app: &App, document_id: Uuid, draw: bool) -> Result<Fetched<'_>> {
    let Some(content) = super::of(app, document_id).await? else { return Ok(Fetched::Nothing) };
    let file = super::described(&content)?;
    if content.state == ContentState::Unavailable || !file.has_thumbnail || is_kept(app, &content).await? {
        return Ok(Fetched::Nothing);
    }
    let answer = connections::call(app, content.connection_id, |cloud, access| {
        let file = file.clone();
        async move { cloud.thumbnail(&access, &file, EDGE).await }
    })
    .await;
    let picture = match answer {
        Ok(picture) => picture,
        Err(Error::Cloud(error)) if matches!(error.kind, ErrorKind::Unsupported | ErrorKind::NotFound) => {
            return Ok(Fetched::Refused(content));
        }
        Err(error) => return Err(error),
    };
    let hash = blob::store(app, picture.bytes.clone()).await?;
    let small = match draw {
        true => Some(extraction::small_of(app, &picture.bytes, &picture.mime_type).await?),
        false => None,
    };
    let w = app.write(Actor::System).await?;
    if content::Entity::find_by_id(document_id).one(w.db()).await?.is_none() {
        w.rollback().await?;
        return Ok(Fetched::Nothing);
    }
    if let Some(small) = small {
        small.note(&w, &hash).await?;
    }
    keep(&w, &content, &picture, hash).await?;
    Ok(Fetched::New(w, content))
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
