//! What is known of contents by their reading, for people who may see the documents.

use std::collections::HashMap;

use hawser_entity::{
    content,
    extraction::{self, Outcome},
    reading,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::source::source;
use crate::{App, Error, Result, blob};

/// Where reading a content stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub document_id: Uuid,
    pub state: State,
    /// The last reading there was; of an older state of the content while `state` is `Waiting`.
    pub reading: Option<reading::Model>,
    pub extraction: Option<extraction::Model>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It will be read, or is being read.
    Waiting,
    Ended(Outcome),
}

/// Where the contents of documents stand that the caller has already been allowed to read.
pub async fn of_many(app: &App, contents: &[content::Model]) -> Result<Vec<Standing>> {
    let ids = contents.iter().map(|content| content.document_id);
    let readings = reading::Entity::find().filter(reading::Column::DocumentId.is_in(ids));
    let readings = readings.all(app.database.read()).await?;
    let hashes = readings.iter().filter_map(|reading| reading.hash.clone());
    let found = extraction::Entity::find().filter(extraction::Column::Hash.is_in(hashes));
    let found: HashMap<_, _> =
        found.all(app.database.read()).await?.into_iter().map(|row| (row.hash.clone(), row)).collect();
    let mut readings: HashMap<_, _> = readings.into_iter().map(|row| (row.document_id, row)).collect();
    Ok(contents.iter().map(|content| standing(content, readings.remove(&content.document_id), &found)).collect())
}

fn standing(
    content: &content::Model,
    reading: Option<reading::Model>,
    found: &HashMap<String, extraction::Model>,
) -> Standing {
    let extraction = reading.as_ref().and_then(|it| it.hash.as_ref()).and_then(|hash| found.get(hash)).cloned();
    let current = reading.as_ref().filter(|reading| reading.source == source(content));
    let ended = current.and_then(|reading| reading.outcome.or(extraction.as_ref().map(|it| it.outcome)));
    let state = ended.map_or(State::Waiting, State::Ended);
    Standing { document_id: content.document_id, state, reading, extraction }
}

/// A piece of a text. Places and lengths are in characters (Unicode scalar values).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    pub text: String,
    pub from: u64,
    /// Characters of the whole.
    pub total: u64,
}

/// A piece of the text of an extraction; nothing where it has none.
///
/// # Errors
/// `Blob` or `Internal` when the kept text cannot be read.
pub async fn excerpt(app: &App, extraction: &extraction::Model, from: u64, length: u64) -> Result<Option<Excerpt>> {
    let Some(hash) = &extraction.text_blob else { return Ok(None) };
    let bytes = blob::read(app, hash).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::Internal("a kept text is not UTF-8".into()))?;
    let (skip, take) = (usize::try_from(from).unwrap_or(usize::MAX), usize::try_from(length).unwrap_or(usize::MAX));
    let total = text.chars().count() as u64;
    Ok(Some(Excerpt { text: text.chars().skip(skip).take(take).collect(), from: from.min(total), total }))
}
