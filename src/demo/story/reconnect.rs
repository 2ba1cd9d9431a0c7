//! The consent is taken back in the cloud: work for it waits. It is given again: the work is done, and what happened
//! meanwhile has arrived.

use anyhow::ensure;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{
    super::{
        Demo,
        client::{text, until},
        live::Live,
        moor,
        world::ACCOUNT,
    },
    same, state,
    state::PATIENCE,
};

/// A file nobody touches before.
const OTHER: &str = "crane-handbook.md";
const MEANWHILE: &str = "# Crane handbook\n\nWritten while nobody could look.\n";

pub async fn revoke(demo: &Demo) -> anyhow::Result<String> {
    let query = "subscription($id: ID) { connectionChanged(id: $id) { state problem } }";
    let mut live = Live::open(&demo.session, query, json!({ "id": demo.connection_id })).await?;
    // The socket is heard once its first question is answered, so that no news falls in between.
    state::document(demo, &demo.documents[0].document_id).await?;
    demo.control.revoke_grants(ACCOUNT).await?;
    let asked = state::named(demo, "harbour-tariff-2026.pdf")?;
    let input = json!({ "id": asked.document_id });
    let refresh = demo.session.change("documentRefresh", input, "job { id }").await?;
    let fits = |event: &Value| event["connectionChanged"]["state"] == "NEEDS_REAUTH";
    let event = live.wait_for("connectionChanged to NEEDS_REAUTH", PATIENCE, fits).await?;
    ensure!(!event["connectionChanged"]["problem"].is_null(), "expected a problem for people to read, and saw none");
    let id = text(&refresh["job"]["id"])?;
    until("the refresh is PARKED", PATIENCE, async || Ok((job(demo, id).await? == "PARKED").then_some(()))).await?;
    edit_meanwhile(demo).await?;
    let parked = state::jobs(demo).await?.get("PARKED").copied().unwrap_or_default();
    ensure!(parked > 0, "expected jobs to be PARKED, and saw {:?}", state::jobs(demo).await?);
    let refused = demo.session.change("documentRefresh", json!({ "id": asked.document_id }), "job { id }").await;
    let words = refused.err().map(|error| error.to_string()).unwrap_or_default();
    ensure!(words.contains("NEEDS_REAUTH"), "a refresh now: expected NEEDS_REAUTH, and saw {words:?}");
    Ok(format!("NEEDS_REAUTH, {parked} job(s) PARKED"))
}

async fn job(demo: &Demo, id: &str) -> anyhow::Result<String> {
    let answer = demo.session.ask("query($id: ID!) { job(id: $id) { state } }", json!({ "id": id })).await?;
    Ok(text(&answer["job"]["state"])?.to_owned())
}

/// The cloud does not ring for it, as after an ended consent it may not: being connected again must be enough.
async fn edit_meanwhile(demo: &Demo) -> anyhow::Result<()> {
    let other = state::named(demo, OTHER)?;
    demo.control.push(false).await?;
    demo.control.edit_text(&other.planted.id, MEANWHILE).await?;
    Ok(())
}

pub async fn reconnect(demo: &Demo) -> anyhow::Result<String> {
    let parked = state::jobs(demo).await?.get("PARKED").copied().unwrap_or_default();
    let connection = moor::connect(&demo.session, &demo.provider_id, Some(&demo.connection_id)).await?;
    same("the connection", demo.connection_id.as_str(), connection.as_str())?;
    until("no job is PARKED", PATIENCE, async || Ok((!state::jobs(demo).await?.contains_key("PARKED")).then_some(())))
        .await?;
    let other = state::named(demo, OTHER)?;
    let hash = hex::encode(Md5::digest(MEANWHILE));
    until("the edit made meanwhile", PATIENCE, async || {
        let document = state::document(demo, &other.document_id).await?;
        Ok((document["content"]["hash"] == hash.as_str()).then_some(()))
    })
    .await?;
    demo.control.push(true).await?;
    state::settle(demo).await?;
    Ok(format!("ACTIVE, {parked} parked job(s) done, the edit made meanwhile has arrived"))
}

/// Every job of the story came to a good end.
pub async fn nothing_left(demo: &Demo) -> anyhow::Result<String> {
    state::settle(demo).await?;
    let jobs = state::jobs(demo).await?;
    ensure!(jobs.keys().all(|state| state == "DONE"), "expected DONE jobs only, and saw {jobs:?}");
    Ok(format!("{} jobs, all DONE", jobs.values().sum::<i64>()))
}
