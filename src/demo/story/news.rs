//! The cloud changes, and the subscription says so: other bytes, another name, the trash and back.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{
    super::{Demo, client::until, live::Live},
    same, state,
    state::PATIENCE,
};

/// The file all of this happens to: a text, so that the cloud draws a picture of it.
pub const FILE: &str = "notice-to-mariners-04.txt";
const NEW_NAME: &str = "notice-to-mariners-05.txt";
/// How soon the news has to come: by push, long before the next poll by the clock.
const SOON: Duration = Duration::from_secs(10);

/// Listens to the file's document, once the cloud knows where to ring.
pub async fn subscribe(demo: &Demo) -> anyhow::Result<Live> {
    let what = "a push channel at the cloud";
    until(what, PATIENCE, async || Ok((demo.control.status().await?.channels > 0).then_some(()))).await?;
    let query = "subscription($id: ID) { documentChanged(id: $id) { kind documentId document { name content { state \
         size hash unavailableReason } } } }";
    let id = &state::named(demo, FILE)?.document_id;
    Live::open(&demo.session, query, json!({ "id": id })).await
}

/// The next news of this kind, and after how many milliseconds it came.
async fn hear(live: &mut Live, kind: &str) -> anyhow::Result<(Value, u128)> {
    hear_with(live, kind, |_| true).await
}

/// The next news of this kind that is of this step: earlier steps may have left some behind.
async fn hear_with(live: &mut Live, kind: &str, fits: impl Fn(&Value) -> bool) -> anyhow::Result<(Value, u128)> {
    let began = Instant::now();
    let fits = |event: &Value| event["documentChanged"]["kind"] == kind && fits(&event["documentChanged"]);
    let mut event = live.wait_for(&format!("documentChanged of kind {kind}"), SOON, fits).await?;
    Ok((event["documentChanged"].take(), began.elapsed().as_millis()))
}

pub async fn edit(demo: &Demo, live: &mut Live) -> anyhow::Result<String> {
    changed_bytes(demo, live, "The green buoy at the east bank is back in its place.\n").await
}

/// After all that happened, news still come.
pub async fn edit_again(demo: &Demo, live: &mut Live) -> anyhow::Result<String> {
    changed_bytes(demo, live, "The fog horn is tested at noon.\n").await
}

async fn changed_bytes(demo: &Demo, live: &mut Live, text: &str) -> anyhow::Result<String> {
    let linked = state::named(demo, FILE)?;
    let before = state::document(demo, &linked.document_id).await?;
    demo.control.edit_text(&linked.planted.id, text).await?;
    let (event, millis) = hear(live, "CONTENT").await?;
    let hash = hex::encode(Md5::digest(text));
    same("hash in the event", Some(hash.as_str()), event["document"]["content"]["hash"].as_str())?;
    let after = state::document(demo, &linked.document_id).await?;
    ensure!(before["contentToken"] != after["contentToken"], "expected another contentToken, and it stayed");
    let bytes = demo.session.bytes(state::url(&after, "download")?, None).await?;
    same("the new bytes", text.as_bytes(), bytes.bytes.as_slice())?;
    state::settle(demo).await?;
    Ok(format!("the subscription said CONTENT after {millis} ms, and the new bytes come down"))
}

pub async fn rename(demo: &Demo, live: &mut Live) -> anyhow::Result<String> {
    let linked = state::named(demo, FILE)?;
    let before = state::document(demo, &linked.document_id).await?;
    let (cursor, request) = (state::cursor(demo).await?, state::last_request(demo).await?);
    demo.control.rename(&linked.planted.id, NEW_NAME).await?;
    let (_, millis) = hear_with(live, "METADATA", |change| change["document"]["name"] == NEW_NAME).await?;
    state::settle(demo).await?;
    let kinds = state::kinds_since(demo, &cursor, &linked.document_id).await?;
    ensure!(
        kinds.iter().all(|kind| kind == "MOVED" || kind == "METADATA"),
        "expected MOVED and METADATA only, and saw {kinds:?}"
    );
    let after = state::document(demo, &linked.document_id).await?;
    same("contentToken", &before["contentToken"], &after["contentToken"])?;
    let asked = demo.control.requests(None, request).await?;
    let asked: Vec<_> = asked.iter().map(|it| format!("{} {}?{}", it.method, it.path, it.query)).collect();
    let fetched: Vec<_> = asked.iter().filter(|it| !it.contains("/changes")).collect();
    ensure!(!asked.is_empty(), "expected the feed to be read, and the cloud was asked nothing");
    ensure!(fetched.is_empty(), "expected nothing but the feed to be read, and the cloud was asked for {fetched:?}");
    Ok(format!(
        "{} after {millis} ms; the cloud was asked for its feed {} time(s) and nothing else",
        kinds.join(" and "),
        asked.len()
    ))
}

pub async fn trash(demo: &Demo, live: &mut Live) -> anyhow::Result<String> {
    let linked = state::named(demo, FILE)?;
    let before = state::document(demo, &linked.document_id).await?;
    demo.control.trash(&linked.planted.id).await?;
    let (event, millis) = hear(live, "AVAILABILITY").await?;
    same("state in the event", Some("UNAVAILABLE"), event["document"]["content"]["state"].as_str())?;
    let after = state::document(demo, &linked.document_id).await?;
    let content = &after["content"];
    same("reason", Some("TRASHED"), content["unavailableReason"].as_str())?;
    let since = content["unavailableSince"].as_str().context("unavailableSince: expected a time, and saw none")?;
    for field in ["cloudName", "mimeType", "size", "hash", "revision"] {
        same(&format!("{field} from before"), &before["content"][field], &content[field])?;
    }
    same("name from before", &before["name"], &after["name"])?;
    let url = state::url(&before, "download")?;
    let refused = demo.session.bytes(url, None).await?;
    ensure!(refused.status.is_client_error(), "a download of it: expected a refusal, and saw {}", refused.status);
    Ok(format!("UNAVAILABLE since {since} after {millis} ms, TRASHED, metadata kept"))
}

pub async fn restore(demo: &Demo, live: &mut Live) -> anyhow::Result<String> {
    let linked = state::named(demo, FILE)?;
    demo.control.untrash(&linked.planted.id).await?;
    let (event, millis) = hear(live, "AVAILABILITY").await?;
    same("state in the event", Some("OK"), event["document"]["content"]["state"].as_str())?;
    let after = state::document(demo, &linked.document_id).await?;
    for field in ["unavailableSince", "unavailableReason"] {
        same(field, &Value::Null, &after["content"][field])?;
    }
    let bytes = demo.session.bytes(state::url(&after, "download")?, None).await?;
    same("status of a download", 200, bytes.status.as_u16())?;
    state::settle(demo).await?;
    Ok(format!("OK after {millis} ms"))
}
