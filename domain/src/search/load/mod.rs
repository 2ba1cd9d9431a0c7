//! What documents look like now, read in few statements for many of them, as they go into the index.

mod class;
mod entry;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use futures::{StreamExt, stream};
use hawser_entity::{
    connection, content, content::ContentState, document, document::DocumentKind, document_ancestor, extraction,
    extraction::Outcome, picture, provider, reading, rendition, rendition::RenditionKind,
};
use hawser_extract::Metadata;
use hawser_providers::CloudFile;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

pub use self::{
    class::word,
    entry::{Entry, cut, flag, term},
};
use crate::{App, Result, blob};

/// Texts that are read side by side to be shown.
const AT_ONCE: usize = 8;

/// Everything known of some documents, by id.
struct Known {
    ancestors: HashMap<Uuid, Vec<Uuid>>,
    contents: HashMap<Uuid, content::Model>,
    connections: HashMap<Uuid, Connected>,
    readings: HashMap<Uuid, reading::Model>,
    extractions: HashMap<String, extraction::Model>,
    pictured: HashSet<String>,
    drawn: HashSet<Uuid>,
}

/// Whose connection it is, and to what.
struct Connected {
    owner: Uuid,
    provider: Uuid,
    kind: String,
}

fn live() -> Select<document::Entity> {
    document::Entity::find().filter(document::Column::TrashRootId.is_null())
}

/// How many documents belong into an index.
pub async fn count(app: &App) -> Result<u64> {
    Ok(live().count(app.database.read()).await?)
}

/// The next of them by their ids: all of them, one call after the other.
pub async fn ids_after(app: &App, last: Option<Uuid>, most: u64) -> Result<Vec<Uuid>> {
    let mut query = live().select_only().column(document::Column::Id).order_by_asc(document::Column::Id);
    if let Some(last) = last {
        query = query.filter(document::Column::Id.gt(last));
    }
    Ok(query.limit(most).into_tuple().all(app.database.read()).await?)
}

/// Those of the documents that are there and live, without their texts. At most a few hundred at once.
pub async fn load(app: &App, ids: &[Uuid]) -> Result<Vec<Entry>> {
    let documents = live().filter(document::Column::Id.is_in(ids.iter().copied())).all(app.database.read()).await?;
    let live: Vec<Uuid> = documents.iter().map(|document| document.id).collect();
    let known = know(app, &live).await?;
    documents.into_iter().map(|document| entry(document, &known)).collect()
}

/// Fills in the text of an entry.
pub async fn read_text(app: &App, mut entry: Entry) -> Result<Entry> {
    if let Some(address) = entry.text_blob.take() {
        entry.text = text(app, entry.id, &address).await;
    }
    Ok(entry)
}

async fn text(app: &App, document: Uuid, address: &str) -> String {
    match blob::read(app, address).await {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        // A document without its text is better than an index without the document.
        Err(error) => {
            tracing::warn!(%error, %document, "the text of a document is not there");
            String::new()
        }
    }
}

/// Title and text of those that were read, and nothing else of them.
pub async fn readings(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, (Option<String>, String)>> {
    let rows: Vec<(Uuid, sea_orm::JsonValue, Option<String>)> = reading::Entity::find()
        .select_only()
        .column(reading::Column::DocumentId)
        .column(extraction::Column::Metadata)
        .column(extraction::Column::TextBlob)
        .join(
            sea_orm::JoinType::InnerJoin,
            reading::Entity::belongs_to(extraction::Entity)
                .from(reading::Column::Hash)
                .to(extraction::Column::Hash)
                .into(),
        )
        .filter(reading::Column::DocumentId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(app.database.read())
        .await?;
    let reading = rows.into_iter().map(|(id, metadata, address)| async move {
        let metadata: Metadata = serde_json::from_value(metadata).unwrap_or_default();
        let text = match address {
            Some(address) => text(app, id, &address).await,
            None => String::new(),
        };
        (id, (metadata.title, text))
    });
    Ok(stream::iter(reading).buffer_unordered(AT_ONCE).collect().await)
}

async fn know(app: &App, ids: &[Uuid]) -> Result<Known> {
    let db = app.database.read();
    let mut ancestors: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    let above = document_ancestor::Entity::find()
        .filter(document_ancestor::Column::DocumentId.is_in(ids.iter().copied()))
        .filter(document_ancestor::Column::Depth.gt(0));
    for row in above.all(db).await? {
        ancestors.entry(row.document_id).or_default().push(row.ancestor_id);
    }
    let contents =
        content::Entity::find().filter(content::Column::DocumentId.is_in(ids.iter().copied())).all(db).await?;
    let named: HashSet<Uuid> = contents.iter().map(|content| content.connection_id).collect();
    let connections: Vec<(Uuid, Uuid, Uuid, String)> = connection::Entity::find()
        .select_only()
        .column(connection::Column::Id)
        .column(connection::Column::OwnerId)
        .column(connection::Column::ProviderId)
        .column(provider::Column::Kind)
        .join(
            sea_orm::JoinType::InnerJoin,
            connection::Entity::belongs_to(provider::Entity)
                .from(connection::Column::ProviderId)
                .to(provider::Column::Id)
                .into(),
        )
        .filter(connection::Column::Id.is_in(named))
        .into_tuple()
        .all(db)
        .await?;
    let readings =
        reading::Entity::find().filter(reading::Column::DocumentId.is_in(ids.iter().copied())).all(db).await?;
    let hashes: HashSet<String> = readings.iter().filter_map(|reading| reading.hash.clone()).collect();
    let extractions = extraction::Entity::find().filter(extraction::Column::Hash.is_in(hashes.clone())).all(db).await?;
    let pictured: Vec<String> = picture::Entity::find()
        .select_only()
        .column(picture::Column::Hash)
        .distinct()
        .filter(picture::Column::Hash.is_in(hashes))
        .into_tuple()
        .all(db)
        .await?;
    let drawn: Vec<Uuid> = rendition::Entity::find()
        .select_only()
        .column(rendition::Column::DocumentId)
        .filter(rendition::Column::DocumentId.is_in(ids.iter().copied()))
        .filter(rendition::Column::Kind.eq(RenditionKind::Thumbnail))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Known {
        ancestors,
        contents: contents.into_iter().map(|row| (row.document_id, row)).collect(),
        connections: connections
            .into_iter()
            .map(|(id, owner, provider, kind)| (id, Connected { owner, provider, kind }))
            .collect(),
        readings: readings.into_iter().map(|row| (row.document_id, row)).collect(),
        extractions: extractions.into_iter().map(|row| (row.hash.clone(), row)).collect(),
        pictured: pictured.into_iter().collect(),
        drawn: drawn.into_iter().collect(),
    })
}

fn entry(document: document::Model, known: &Known) -> Result<Entry> {
    let content = known.contents.get(&document.id);
    let reading = known.readings.get(&document.id);
    let hash = reading.and_then(|reading| reading.hash.as_ref());
    let extraction = hash.and_then(|hash| known.extractions.get(hash));
    // Both were written by other versions of this program, perhaps: what cannot be read is not known.
    let file: Option<CloudFile> = content.and_then(|content| serde_json::from_value(content.remote.clone()).ok());
    let metadata: Metadata =
        extraction.and_then(|read| serde_json::from_value(read.metadata.clone()).ok()).unwrap_or_default();
    let extension = extension(&document);
    let detected = extraction.and_then(|read| read.mime_type.clone());
    let told = content.map(|content| content.mime_type.clone());
    let mimes: Vec<&str> = [detected.as_deref(), told.as_deref()].into_iter().flatten().collect();
    let connection = content.and_then(|content| known.connections.get(&content.connection_id));
    let is_drawn = known.drawn.contains(&document.id) || hash.is_some_and(|hash| known.pictured.contains(hash));
    let ended = extraction.map(|read| read.outcome).or_else(|| reading.and_then(|reading| reading.outcome));
    let text_blob = extraction.and_then(|read| read.text_blob.clone());
    let flags = [
        (flag::ENCRYPTED, ended == Some(Outcome::Encrypted)),
        (flag::UNAVAILABLE, content.is_some_and(|content| content.state == ContentState::Unavailable)),
        (flag::NATIVE, file.as_ref().is_some_and(|file| file.is_native)),
        (flag::TEXT, text_blob.is_some()),
        (flag::THUMBNAIL, is_drawn),
    ];
    let remote_owner = connection.filter(|_| file.as_ref().is_some_and(|file| file.owned_by_me == Some(true)));
    let mut owners: Vec<Uuid> = document.created_by.into_iter().chain(remote_owner.map(|it| it.owner)).collect();
    owners.dedup();
    Ok(Entry {
        id: document.id,
        acl_id: document.acl_id,
        ancestors: known.ancestors.get(&document.id).cloned().unwrap_or_default(),
        kind: document.kind.to_value(),
        class: class::word(class::of(document.kind, &mimes, extension.as_deref())),
        created: file.as_ref().and_then(|file| file.created_at).unwrap_or(document.created_at),
        modified: content.and_then(|content| content.remote_modified_at).unwrap_or(document.modified_at),
        name_key: document.name_key,
        name: document.name,
        extension,
        mime: detected.or(told),
        provider: connection.map(|it| it.kind.clone()),
        provider_id: connection.map(|it| it.provider),
        owners,
        taken: metadata.taken_at.as_deref().and_then(moment),
        size: content.and_then(|content| content.size).and_then(|size| size.try_into().ok()),
        width: metadata.width.map(Into::into),
        height: metadata.height.map(Into::into),
        duration: metadata.duration_ms,
        language: metadata.language,
        title: metadata.title,
        authors: metadata.author.into_iter().chain(metadata.artist).collect(),
        text_blob,
        text: String::new(),
        flags: flags.into_iter().filter_map(|(flag, holds)| holds.then_some(flag)).collect(),
    })
}

/// Behind the last dot of a file's name, in lower case.
fn extension(document: &document::Model) -> Option<String> {
    if document.kind.is_container() || document.kind == DocumentKind::Workspace {
        return None;
    }
    let (stem, extension) = document.name.rsplit_once('.')?;
    let is_one = !stem.is_empty() && (1..=16).contains(&extension.len());
    (is_one && extension.chars().all(char::is_alphanumeric)).then(|| extension.to_lowercase())
}

/// RFC 3339, with or without an offset; without one it is taken as UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    Some(local.or_else(day)?.and_utc())
}
