//! One document's content, read: downloaded unless its bytes are known, read unless they were, drawn where the cloud draws
//! nothing. What comes of it is written in one transaction.

use hawser_entity::{
    content::{self, ContentState},
    extraction::{self, Outcome},
    reading,
};
use hawser_extract::child::{self, Hint, Task};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    keep, picture,
    queue::{wants_picture, wants_text},
    source::{is_of_bytes, source},
    spool::{self, Bytes, Spooled},
};
use crate::{App, Error, Result, Write, content as contents, principal::Actor};

/// Reads a document's content and leaves what is known of it in an open transaction. Nothing when there is nothing to read,
/// or nothing new.
///
/// # Errors
/// Those of `connection::call`; `Internal` when the reader cannot be started. How reading ends is no error.
pub async fn extract(app: &App, document_id: Uuid) -> Result<Option<Write<'_>>> {
    let Some(content) = contents::of(app, document_id).await? else { return Ok(None) };
    if content.state == ContentState::Unavailable {
        return Ok(None);
    }
    let source = source(&content);
    let known = known(app, document_id, &source).await?;
    if let Some(hash) = &known.hash
        && !wants(app, &content, hash).await?.anything()
    {
        if known.is_noted {
            return Ok(None);
        }
        let mut w = app.write(Actor::System).await?;
        keep::reading(&mut w, document_id, &source, Some(hash), None).await?;
        return Ok(Some(w));
    }
    match spool::fetch(app, &content).await? {
        Bytes::Refused(outcome) => refused(app, document_id, &source, outcome).await.map(Some),
        Bytes::Here(spooled) => read(app, &content, &source, &spooled).await.map(Some),
    }
}

async fn refused<'a>(app: &'a App, document_id: Uuid, source: &str, outcome: Outcome) -> Result<Write<'a>> {
    let mut w = app.write(Actor::System).await?;
    keep::reading(&mut w, document_id, source, None, Some(outcome)).await?;
    Ok(w)
}

async fn read<'a>(app: &'a App, content: &content::Model, source: &str, spooled: &Spooled) -> Result<Write<'a>> {
    let hash = spooled.hash.as_str();
    let wants = wants(app, content, hash).await?;
    let hint = Hint { name: Some(content.remote_name.clone()), mime_type: Some(spooled.mime_type.clone()) };
    let answer = match wants.text {
        true => Some(run(app, Task::Text, spooled, &hint).await?),
        false => None,
    };
    let drawing = match wants.picture {
        true => Some(picture::kept(app, &run(app, Task::Picture, spooled, &hint).await?).await?),
        false => None,
    };
    let text = match &answer {
        Some(answer) => keep::store(app, answer.text.clone()).await?,
        None => None,
    };
    let mut w = app.write(Actor::System).await?;
    if let Some(answer) = &answer {
        keep::extraction(&mut w, content, hash, answer, text.as_ref()).await?;
    }
    if let Some(drawing) = &drawing {
        picture::note(&w, hash, drawing).await?;
    }
    keep::reading(&mut w, content.document_id, source, Some(hash), None).await?;
    Ok(w)
}

pub(super) async fn run(app: &App, task: Task, spooled: &Spooled, hint: &Hint) -> Result<child::Answer> {
    let program = app.config.extractor()?;
    let answer = child::read(&program, &app.tools, task, spooled.reader()?, hint).await;
    answer.map_err(|error| Error::Internal(format!("the reader {} cannot be started: {error}", program.display())))
}

/// What is known of the bytes of a content without downloading them.
struct Known {
    hash: Option<String>,
    /// The document's own reading says so already.
    is_noted: bool,
}

async fn known(app: &App, document_id: Uuid, source: &str) -> Result<Known> {
    let own = reading::Entity::find_by_id(document_id).one(app.database.read()).await?;
    if let Some(own) = own.filter(|own| own.source == source) {
        return Ok(Known { is_noted: true, hash: own.hash });
    }
    if !is_of_bytes(source) {
        return Ok(Known { hash: None, is_noted: false });
    }
    let same = reading::Entity::find().filter(reading::Column::Source.eq(source));
    let same = same.filter(reading::Column::Hash.is_not_null()).one(app.database.read()).await?;
    Ok(Known { hash: same.and_then(|same| same.hash), is_noted: false })
}

/// What is still to be done for some bytes.
struct Wants {
    text: bool,
    picture: bool,
}

impl Wants {
    fn anything(&self) -> bool {
        self.text || self.picture
    }
}

async fn wants(app: &App, content: &content::Model, hash: &str) -> Result<Wants> {
    let row = extraction::Entity::find_by_id(hash).one(app.database.read()).await?;
    let cloud_draws = contents::described(content)?.has_thumbnail;
    Ok(Wants { text: wants_text(row.as_ref()), picture: !cloud_draws && wants_picture(row.as_ref()) })
}
