//! Small pictures drawn here: of contents the cloud draws nothing of, and the smaller size of what it did draw. They are
//! kept under the hash of the bytes they were drawn from.

use bytes::Bytes;
use hawser_entity::{
    change::ChangeKind,
    content::{self, ContentState},
    extraction, picture, reading,
};
use hawser_extract::{
    self as extract,
    child::{Answer, Hint, Task},
    picture::SIZES,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    keep::kept as outcome_of,
    queue::wants_picture,
    read::run,
    spool::{self, Bytes as Fetched, Spooled},
};
use crate::{App, Result, Write, blob, content as contents, document, principal::Actor};

/// Pictures stored as blobs, before the transaction that refers to them.
pub(super) struct Drawing {
    outcome: extract::Outcome,
    pictures: Vec<(u32, extract::picture::Info, String, i64)>,
}

/// Draws a document's content where there is no picture of it, and leaves it in an open transaction. Nothing when there is
/// nothing to draw, or it was drawn.
///
/// # Errors
/// As `extraction::extract`.
pub async fn draw(app: &App, document_id: Uuid) -> Result<Option<Write<'_>>> {
    let Some(content) = contents::of(app, document_id).await? else { return Ok(None) };
    let row = match hash_of(app, document_id).await? {
        Some(hash) => extraction::Entity::find_by_id(hash).one(app.database.read()).await?,
        None => None,
    };
    let has_one = contents::has_kept(app, document_id).await?;
    if content.state == ContentState::Unavailable || has_one || !wants_picture(row.as_ref()) {
        return Ok(None);
    }
    let Fetched::Here(spooled) = spool::fetch(app, &content).await? else { return Ok(None) };
    let hint = Hint { name: Some(content.remote_name.clone()), mime_type: Some(spooled.mime_type.clone()) };
    let drawing = kept(app, &run(app, Task::Picture, &spooled, &hint).await?).await?;
    let mut w = app.write(Actor::System).await?;
    note(&w, &spooled.hash, &drawing).await?;
    if content::Entity::find_by_id(document_id).one(w.db()).await?.is_some() {
        document::mark(&mut w, document_id, ChangeKind::Metadata).await?;
    }
    Ok(Some(w))
}

/// Draws the sizes kept from a picture the cloud drew. What cannot be drawn is served as it came.
pub async fn small_of(app: &App, bytes: &Bytes, mime_type: &str) -> Result<SmallOnes> {
    let spooled = Spooled::of(app, bytes, mime_type)?;
    let hint = Hint { name: None, mime_type: Some(mime_type.to_owned()) };
    Ok(SmallOnes(kept(app, &run(app, Task::Picture, &spooled, &hint).await?).await?))
}

/// Pictures that wait for the transaction of what they were drawn from.
pub struct SmallOnes(Drawing);

impl SmallOnes {
    /// Writes them down under the hash of the bytes they were drawn from.
    pub async fn note(&self, w: &Write<'_>, hash: &str) -> Result<()> {
        pictures(w, hash, &self.0).await
    }
}

pub(super) async fn kept(app: &App, answer: &Answer) -> Result<Drawing> {
    let mut pictures = Vec::new();
    for (edge, picture) in SIZES.into_iter().zip(&answer.pictures) {
        let size = i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX);
        let hash = blob::store(app, Bytes::from(picture.bytes.clone())).await?;
        pictures.push((edge, picture.info.clone(), hash, size));
    }
    Ok(Drawing { outcome: answer.report.outcome, pictures })
}

/// Writes down how drawing the bytes `hash` ended, in the transaction of their extraction.
pub(super) async fn note(w: &Write<'_>, hash: &str, drawing: &Drawing) -> Result<()> {
    let drawn = extraction::ActiveModel {
        hash: Set(hash.to_owned()),
        drawn: Set(Some(outcome_of(drawing.outcome))),
        drawn_version: Set(i32::try_from(extract::VERSION).ok()),
        ..Default::default()
    };
    extraction::Entity::update_many().set(drawn).filter(extraction::Column::Hash.eq(hash)).exec(w.db()).await?;
    pictures(w, hash, drawing).await
}

async fn pictures(w: &Write<'_>, hash: &str, drawing: &Drawing) -> Result<()> {
    for (edge, info, address, size) in &drawing.pictures {
        blob::note(w, address, *size).await?;
        let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let row = picture::ActiveModel {
            hash: Set(hash.to_owned()),
            edge: Set(number(*edge)),
            blob: Set(address.clone()),
            mime_type: Set(info.mime_type.clone()),
            width: Set(number(info.width)),
            height: Set(number(info.height)),
            size: Set(*size),
        };
        use picture::Column::{Blob, Edge, Hash, Height, MimeType, Size, Width};
        let replace =
            OnConflict::columns([Hash, Edge]).update_columns([Blob, MimeType, Width, Height, Size]).to_owned();
        picture::Entity::insert(row).on_conflict(replace).exec_without_returning(w.db()).await?;
    }
    Ok(())
}

/// The picture of some bytes whose longest side comes nearest to what is asked from above, else the largest.
pub async fn of_bytes(app: &App, hash: &str, edge: u32) -> Result<Option<picture::Model>> {
    let all = picture::Entity::find().filter(picture::Column::Hash.eq(hash)).order_by_asc(picture::Column::Edge);
    let all = all.all(app.database.read()).await?;
    let large_enough = |it: &&picture::Model| u32::try_from(it.edge).is_ok_and(|it| it >= edge);
    Ok(all.iter().find(large_enough).or(all.last()).cloned())
}

/// The hash of the bytes a document was last read from.
pub(super) async fn hash_of(app: &App, document_id: Uuid) -> Result<Option<String>> {
    Ok(reading::Entity::find_by_id(document_id).one(app.database.read()).await?.and_then(|reading| reading.hash))
}

/// The picture drawn here of a document's content.
pub async fn of_document(app: &App, document_id: Uuid, edge: u32) -> Result<Option<picture::Model>> {
    match hash_of(app, document_id).await? {
        Some(hash) => of_bytes(app, &hash, edge).await,
        None => Ok(None),
    }
}
