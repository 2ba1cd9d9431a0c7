//! Writing documents in bulk, each with a version of ours: the head of the change log before the document was looked at.
//! Whoever looked later has a version as high or higher, so that an older state never replaces a newer one, whichever
//! process writes it and however late.

use std::{collections::HashSet, time::Duration};

use elasticsearch::http::Method;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    Elastic,
    client::{Body, LONG, quote},
    document,
};
use crate::{
    App, change,
    search::{
        fault::Fault,
        load::{self, Entry, term},
    },
};

/// Where is written to.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// What is behind the alias for writing; there is none: nothing is written.
    Alias(&'a str),
    /// An index that is being built.
    Index(&'a str),
}

/// How many documents were written, by what became of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub live: u64,
    pub dead: u64,
    /// The mapping does not take them; they are not found.
    pub refused: u64,
}

/// One line for a document and one for what is done with it.
pub struct Action {
    pub id: String,
    /// Both lines.
    pub lines: String,
    pub version: i64,
}

/// Documents of one request.
const MOST_DOCUMENTS: usize = 500;
/// Bytes of one request, about.
const MOST_BYTES: usize = 5_000_000;
/// Texts read at once.
const READERS: usize = 8;
/// How often a request is made again that asked for too much, and the first pause before it; each is twice as long.
const TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Writes what the documents look like now; of those that are not live any more, that they are gone. A few hundred at once.
pub async fn replace(app: &App, elastic: &Elastic, target: Target<'_>, ids: &[Uuid]) -> Result<Written, Fault> {
    // Before anything is looked at: what is seen is of this version or newer.
    let version = change::head(app).await?.seq;
    let now = app.clock.now();
    let entries = load::load(app, ids).await?;
    let live: HashSet<Uuid> = entries.iter().map(|entry| entry.id).collect();
    let dead: Vec<Uuid> = ids.iter().filter(|id| !live.contains(*id)).copied().collect();
    let mut written = Written { live: entries.len() as u64, dead: dead.len() as u64, refused: 0 };
    let mut some: Vec<Action> =
        dead.iter().map(|id| put(&term(*id), version, &document::tombstone(*id, now))).collect();
    let mut size: usize = some.iter().map(|action| action.lines.len()).sum();
    let reading = entries.into_iter().map(|entry| async move {
        let entry: Entry = load::read_text(app, entry).await?;
        let making = move || put(&term(entry.id), version, &document::of(&entry));
        tokio::task::spawn_blocking(making).await.map_err(Fault::from)
    });
    let mut made = stream::iter(reading).buffered(READERS);
    while let Some(action) = made.try_next().await? {
        if some.len() >= MOST_DOCUMENTS || (size + action.lines.len() > MOST_BYTES && !some.is_empty()) {
            written.refused += bulk(elastic, target, std::mem::take(&mut some)).await?;
            size = 0;
        }
        size += action.lines.len();
        some.push(action);
    }
    written.refused += bulk(elastic, target, some).await?;
    written.live -= written.refused.min(written.live);
    Ok(written)
}

/// Puts a document where nothing newer is.
pub fn put(id: &str, version: i64, document: &Value) -> Action {
    let what = json!({ "index": { "_id": id, "version": version, "version_type": "external_gte" } });
    Action { id: id.to_owned(), lines: format!("{what}\n{document}\n"), version }
}

/// Takes out a document of which this is the last version.
pub fn delete(id: &str, version: i64) -> Action {
    let what = json!({ "delete": { "_id": id, "version": version, "version_type": "external_gte" } });
    Action { id: id.to_owned(), lines: format!("{what}\n"), version }
}

/// Does all of it, one request after the other; returns how many documents were refused.
///
/// # Errors
/// `Gone` when it stays too much or nobody answers; `Index` when there is nothing to write to.
pub async fn bulk(elastic: &Elastic, target: Target<'_>, actions: Vec<Action>) -> Result<u64, Fault> {
    let mut pause = FIRST_PAUSE;
    let (mut left, mut refused) = (actions, Vec::new());
    for _ in 0..TRIES {
        if left.is_empty() {
            break;
        }
        match send(elastic, target, &left).await {
            Ok(judged) => {
                refused.extend(judged.refused);
                left =
                    left.into_iter().zip(judged.again).filter_map(|(action, again)| again.then_some(action)).collect();
            }
            Err(Fault::Gone(why)) => tracing::debug!(why, "a bulk request is made again"),
            Err(fault) => return Err(fault),
        }
        if !left.is_empty() {
            sleep(pause).await;
            pause *= 2;
        }
    }
    if !left.is_empty() {
        return Err(Fault::Gone("it takes no more documents just now".to_owned()));
    }
    if refused.is_empty() {
        return Ok(0);
    }
    let count = refused.len() as u64;
    // Refused once, with all it has: what takes its place has nothing that could be refused.
    let bare: Vec<_> = refused.iter().map(|(id, version)| put(id, *version, &document::refused(id))).collect();
    let judged = send(elastic, target, &bare).await?;
    match judged.again.contains(&true) {
        true => Err(Fault::Gone("it takes no more documents just now".to_owned())),
        false => Ok(count),
    }
}

/// What came of one request.
struct Judged {
    /// Of each action, whether it is to be done again.
    again: Vec<bool>,
    refused: Vec<(String, i64)>,
}

async fn send(elastic: &Elastic, target: Target<'_>, actions: &[Action]) -> Result<Judged, Fault> {
    let (name, required) = match target {
        Target::Alias(name) => (name, "true"),
        Target::Index(name) => (name, "false"),
    };
    let lines = actions.iter().map(|action| action.lines.as_str()).collect();
    let query = [("require_alias", required), ("filter_path", "errors,error,items.*.status,items.*.error")];
    let answer = elastic.client.ask(Method::Post, &format!("/{name}/_bulk"), &query, Body::Lines(lines), LONG).await?;
    if answer.status == 404 {
        return Err(Fault::Index(quote(&answer.body)));
    }
    let body = answer.good()?;
    let mut judged = Judged { again: vec![false; actions.len()], refused: Vec::new() };
    if body["errors"] == json!(false) {
        return Ok(judged);
    }
    let items = body["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, (action, item)) in actions.iter().zip(items).enumerate() {
        let item = item.as_object().and_then(|item| item.values().next()).unwrap_or(&Value::Null);
        match item["status"].as_u64().unwrap_or(500) {
            // A newer state is there: as good as written.
            200..=299 | 409 => {}
            // What is taken out may be out already.
            404 if item["error"].is_null() => {}
            404 => return Err(Fault::Index(quote(item))),
            401 | 403 => return Err(Fault::Gone(quote(item))),
            400..=499 if item["status"] != 429 => {
                tracing::error!(document = action.id, why = quote(item), "the search index refuses a document");
                judged.refused.push((action.id.clone(), action.version));
            }
            _ => judged.again[at] = true,
        }
    }
    Ok(judged)
}
