//! How a document, the connection and the jobs stand, asked as a front end asks; and waiting until work is done.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::super::{
    Demo,
    client::{list, text, until},
    moor::Linked,
};

pub const PATIENCE: Duration = Duration::from_secs(30);

const DOCUMENT: &str = "query($id: ID!) { document(id: $id) { id name kind contentToken nameToken content { state \
     unavailableSince unavailableReason cloudFileId cloudName mimeType size hash hashAlgorithm isNative revision \
     download { url } pdf { url } } thumbnail { url } } }";

pub async fn document(demo: &Demo, id: &str) -> anyhow::Result<Value> {
    let document = demo.scripts.ask(DOCUMENT, json!({ "id": id })).await?["document"].take();
    ensure!(!document.is_null(), "document {id} cannot be found");
    Ok(document)
}

pub fn named<'a>(demo: &'a Demo, name: &str) -> anyhow::Result<&'a Linked> {
    let found = demo.documents.iter().find(|it| it.planted.name == name);
    found.with_context(|| format!("{name} is not among the files"))
}

/// An address the server hands out with a content.
pub fn url<'a>(document: &'a Value, what: &str) -> anyhow::Result<&'a str> {
    let holder = if what == "thumbnail" { document } else { &document["content"] };
    text(&holder[what]["url"]).with_context(|| format!("{} has no {what}", document["name"]))
}

/// How many jobs stand where.
pub async fn jobs(demo: &Demo) -> anyhow::Result<BTreeMap<String, i64>> {
    let counts = demo.session.ask("{ jobCounts { state count } }", Value::Null).await?;
    let pairs = list(&counts["jobCounts"])?.iter().map(|it| {
        let count = it["count"].as_i64().context("a count was expected")?;
        Ok((text(&it["state"])?.to_owned(), count))
    });
    pairs.collect()
}

/// Waits until no job is due or running. Jobs that failed for good are a fault.
pub async fn settle(demo: &Demo) -> anyhow::Result<String> {
    until("no job waits or runs", PATIENCE, async || {
        let jobs = jobs(demo).await?;
        if jobs.contains_key("DEAD") {
            let dead = "{ jobs(filter: { states: [DEAD] }) { nodes { kind error } } }";
            anyhow::bail!("jobs failed for good: {}", demo.session.ask(dead, Value::Null).await?);
        }
        let open = jobs.contains_key("QUEUED") || jobs.contains_key("RUNNING");
        Ok((!open).then(|| format!("{} jobs", jobs.get("DONE").copied().unwrap_or_default())))
    })
    .await
}

/// Where the change log ends now.
pub async fn cursor(demo: &Demo) -> anyhow::Result<String> {
    Ok(text(&demo.scripts.ask("{ changeCursor }", Value::Null).await?["changeCursor"])?.to_owned())
}

/// How a document changed since then, in order.
pub async fn kinds_since(demo: &Demo, cursor: &str, document_id: &str) -> anyhow::Result<Vec<String>> {
    let query = "query($since: Cursor!, $ids: [ID!]) { changes(since: $since, first: 500, \
         filter: { documentIds: $ids }) { hasMore changes { kind subjectId noun } } }";
    let answer = demo.scripts.ask(query, json!({ "since": cursor, "ids": [document_id] })).await?;
    ensure!(answer["changes"]["hasMore"] == false, "more than 500 changes in one step");
    let changes = list(&answer["changes"]["changes"])?.iter().filter(|it| it["subjectId"] == document_id);
    changes.map(|it| text(&it["kind"]).map(str::to_owned)).collect()
}

/// The number of the last request the cloud has had so far.
pub async fn last_request(demo: &Demo) -> anyhow::Result<u64> {
    Ok(demo.control.requests(None, 0).await?.last().map_or(0, |it| it.number))
}
