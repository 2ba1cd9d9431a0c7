//! Linking cloud files as documents: up to 500 at once, each with a result of its own. Everything about a file comes from
//! the cloud; the client names ids only. Feeds are open before the metadata is read, so no change falls in between.

use std::collections::{BTreeSet, HashMap};

use hawser_entity::{acl_entry::Permission, connection, content, document, feed};
use hawser_providers::{self as providers, CloudFile};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::apply::{document_name, fill};
use crate::{
    App, Error, Principal, Result, Write, connection as connections,
    document::{self as documents, OnTaken},
    extraction, feed as feeds,
    idempotency::Intent,
    job::{self, Work},
    name,
    principal::Scope,
};

/// Items of one request.
pub const MAX_ITEMS: usize = 500;

/// A file to be linked.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub remote_id: String,
    pub resource_key: Option<String>,
    /// The document's name; the file's own when absent.
    pub name: Option<String>,
}

/// A file with the place of its item in the request.
type Found = (usize, CloudFile);

/// Links files into a folder. The answer holds a document or an error for each item, in order.
///
/// # Errors
/// `Invalid` for none or too many items; those of `document::find` for the folder and `connection::usable`.
pub async fn link(
    app: &App,
    who: &Principal,
    connection_id: Uuid,
    parent_id: Uuid,
    items: &[Item],
    key: Option<&str>,
) -> Result<Vec<Result<document::Model>>> {
    who.require(Scope::Write)?;
    if items.is_empty() || items.len() > MAX_ITEMS {
        let message = format!("give 1 to {MAX_ITEMS} items; this request has {}", items.len());
        return Err(Error::invalid(&["input", "items"], message));
    }
    let parent = documents::find(app, who, parent_id, Permission::Write).await.map_err(Error::at("parentId"))?;
    if !parent.kind.is_container() {
        return Err(Error::invalid(&["input", "parentId"], "this document cannot hold others; choose a folder"));
    }
    let intent = Intent::new(key, "document.link", &json!([connection_id, parent_id, items]))?;
    let connection = connections::usable(app, who, connection_id).await.map_err(Error::at("connectionId"))?;
    feeds::open(app, &connection, None).await?;
    let files = fetch(app, &connection, items).await?;
    let (files, feeds) = open_drive_feeds(app, &connection, items, files).await?;
    store(app, who, &connection, &parent, items, files, feeds, intent.as_ref()).await
}

/// Reads every item's file; a shortcut is followed to its target.
async fn fetch(app: &App, connection: &connection::Model, items: &[Item]) -> Result<Vec<Result<CloudFile>>> {
    let asked: Vec<_> = items.iter().map(|item| (item.remote_id.clone(), item.resource_key.clone())).collect();
    let mut files = read(app, connection, &asked).await?;
    let shortcuts: Vec<_> = files
        .iter()
        .enumerate()
        .filter_map(|(index, file)| file.as_ref().ok()?.shortcut.clone().map(|shortcut| (index, shortcut)))
        .collect();
    if !shortcuts.is_empty() {
        let asked: Vec<_> =
            shortcuts.iter().map(|(_, to)| (to.target_id.clone(), to.target_resource_key.clone())).collect();
        for ((index, _), target) in shortcuts.into_iter().zip(read(app, connection, &asked).await?) {
            files[index] = target;
        }
    }
    Ok(files)
}

async fn read(
    app: &App,
    connection: &connection::Model,
    asked: &[(String, Option<String>)],
) -> Result<Vec<Result<CloudFile>>> {
    let answers = connections::call(app, connection.id, |cloud, access| {
        let asked = asked.to_vec();
        async move { cloud.files(&access, &asked).await }
    })
    .await?;
    let told = |error: providers::Error| match error.kind {
        providers::ErrorKind::NotFound => Error::not_found("cloud file"),
        _ => connections::cloud_error(app, connection.id, error),
    };
    Ok(answers.into_iter().map(|answer| answer.map_err(told)).collect())
}

/// Files of shared drives are reported in their drive's own feed: it is opened, then they are read once more.
async fn open_drive_feeds(
    app: &App,
    connection: &connection::Model,
    items: &[Item],
    mut files: Vec<Result<CloudFile>>,
) -> Result<(Vec<Result<CloudFile>>, HashMap<String, feed::Model>)> {
    let known = feeds::list(app, connection.id).await?;
    let mut open: HashMap<_, _> = known
        .into_iter()
        .filter(|feed| feed.state == feed::FeedState::Open)
        .map(|feed| (feed.drive_id.clone(), feed))
        .collect();
    let drives: BTreeSet<_> = files.iter().flatten().filter_map(|file| file.drive_id.clone()).collect();
    let mut fresh = BTreeSet::new();
    for drive in drives {
        if !open.contains_key(&drive) {
            match feeds::open(app, connection, Some(&drive)).await {
                Ok(feed) => {
                    open.insert(drive.clone(), feed);
                    fresh.insert(drive);
                }
                // Shared with us from a drive we are no member of: only the account's own feed can tell of it.
                Err(Error::Cloud(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    if fresh.is_empty() {
        return Ok((files, open));
    }
    let again: Vec<_> = files
        .iter()
        .enumerate()
        .filter_map(|(index, file)| {
            let file = file.as_ref().ok()?;
            let moved = file.drive_id.as_ref().is_some_and(|drive| fresh.contains(drive));
            let key = file.resource_key.clone().or_else(|| items[index].resource_key.clone());
            moved.then(|| (index, (file.id.clone(), key)))
        })
        .collect();
    let asked: Vec<_> = again.iter().map(|(_, ask)| ask.clone()).collect();
    for ((index, _), file) in again.into_iter().zip(read(app, connection, &asked).await?) {
        files[index] = file;
    }
    Ok((files, open))
}

#[allow(clippy::too_many_arguments, reason = "one transaction needs all that was gathered for it")]
async fn store(
    app: &App,
    who: &Principal,
    connection: &connection::Model,
    parent: &document::Model,
    items: &[Item],
    files: Vec<Result<CloudFile>>,
    feeds: HashMap<String, feed::Model>,
    intent: Option<&Intent>,
) -> Result<Vec<Result<document::Model>>> {
    let mut results: Vec<Option<Result<document::Model>>> = Vec::with_capacity(items.len());
    let mut found: Vec<Found> = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        match file.and_then(|file| linkable(file, &items[index], index)) {
            Ok(file) => {
                found.push((index, file));
                results.push(None);
            }
            Err(error) => results.push(Some(Err(error))),
        }
    }
    let mut w = app.write(who).await?;
    if let Some(ids) = w.replay::<Vec<Option<Uuid>>>(intent).await? {
        w.rollback().await?;
        return replayed(app, who, ids, results).await;
    }
    // Rights may have gone while the cloud was asked.
    documents::find_in(w.db(), who, parent.id, Permission::Write).await?;
    let mut ids = vec![None; items.len()];
    for (index, file) in found {
        let feed = feeds.get(file.drive_id.as_deref().unwrap_or_default()).or_else(|| feeds.get(""));
        let wanted = items[index].name.clone().unwrap_or_else(|| document_name(&file.name));
        let document = insert(&mut w, parent, connection, feed, &file, &wanted).await?;
        ids[index] = Some(document.id);
        results[index] = Some(Ok(document));
    }
    let linked = ids.iter().flatten().count();
    let detail = json!({ "connection": connection.id, "linked": linked, "asked": items.len() });
    w.audit("document.link", "document", Some(parent.id), detail).await?;
    w.remember(intent, &ids).await?;
    w.commit().await?;
    Ok(results.into_iter().map(|result| result.unwrap_or_else(|| Err(Error::not_found("cloud file")))).collect())
}

/// What can become a document: files, not folders, and not what lies in the cloud's trash.
fn linkable(file: CloudFile, item: &Item, index: usize) -> Result<CloudFile> {
    let place = index.to_string();
    let path = |field| ["input", "items", &place, field];
    if let Some(wanted) = &item.name {
        name::clean(wanted, &path("name"))?;
    }
    if file.is_folder {
        return Err(Error::invalid(&path("cloudFileId"), "this is a folder in the cloud; link the files inside it"));
    }
    if file.trashed {
        return Err(Error::invalid(&path("cloudFileId"), "this file is in the cloud's trash; restore it there first"));
    }
    Ok(file)
}

async fn insert(
    w: &mut Write<'_>,
    parent: &document::Model,
    connection: &connection::Model,
    feed: Option<&feed::Model>,
    file: &CloudFile,
    wanted: &str,
) -> Result<document::Model> {
    let kind = super::kind_of(&file.mime_type);
    let document = documents::insert(w, Some(parent.id), kind, wanted, OnTaken::Rename).await?;
    let mut row = content::ActiveModel {
        document_id: Set(document.id),
        connection_id: Set(connection.id),
        feed_id: Set(feed.map(|feed| feed.id)),
        state: Set(content::ContentState::Ok),
        unavailable_since: Set(None),
        unavailable_reason: Set(None),
        linked_by: Set(w.actor.user_id()),
        ..Default::default()
    };
    fill(&mut row, file, w.now)?;
    let content = content::Entity::insert(row).exec_with_returning(w.db()).await?;
    if file.has_thumbnail {
        queue_thumbnail(w, document.id, connection.id).await?;
    }
    extraction::queue(w, &content, None).await?;
    Ok(document)
}

/// Thumbnails wait behind everything else.
async fn queue_thumbnail(w: &mut Write<'_>, document_id: Uuid, connection_id: Uuid) -> Result<()> {
    let mut job = job::New::now(Work::FetchThumbnail { document_id }).for_document(document_id);
    job.connection_id = Some(connection_id);
    w.queue(job).await?;
    Ok(())
}

/// The documents made the first time this request came; what failed then is told as it is now.
async fn replayed(
    app: &App,
    who: &Principal,
    ids: Vec<Option<Uuid>>,
    results: Vec<Option<Result<document::Model>>>,
) -> Result<Vec<Result<document::Model>>> {
    let mut answer = Vec::with_capacity(ids.len());
    for (id, result) in ids.into_iter().zip(results) {
        answer.push(match (id, result) {
            (Some(id), _) => documents::find(app, who, id, Permission::Read).await,
            (None, Some(Err(error))) => Err(error),
            (None, _) => Err(Error::not_found("cloud file")),
        });
    }
    Ok(answer)
}
