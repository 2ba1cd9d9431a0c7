//! Where the one process sits that follows the change log. The chair is a document that is only ever replaced by who has seen
//! its last state; it is given up by not being renewed. Two who sit there at once do no harm, since versions keep what they
//! write in order: the chair only spares the work.

use serde_json::{Value, json};

use super::Elastic;
use crate::{App, Error, change::Position, search::engine::Progress, search::fault::Fault};

/// Milliseconds after which a chair that was not renewed is free.
const LEASE: i64 = 30_000;

/// What this process knows of its chair.
#[derive(Debug, Default)]
pub struct Desk {
    chair: Option<Chair>,
    /// The index that was followed last, and how far: its mark may be a little behind.
    pub at: Option<(String, Position)>,
}

#[derive(Debug)]
struct Chair {
    number: i64,
    term: i64,
    until: i64,
}

/// Sits down, or stays. False: another process sits there.
pub async fn sit_down(app: &App, elastic: &Elastic, desk: &mut Desk) -> Result<bool, Fault> {
    let now = app.clock.now().timestamp_millis();
    if desk.chair.as_ref().is_some_and(|chair| (LEASE / 2..=LEASE).contains(&(chair.until - now))) {
        return Ok(true);
    }
    let found = elastic.client.get(&format!("/{}/_doc/desk", elastic.names.desk), &[]).await?;
    if found.status == 200 {
        let source = &found.body["_source"];
        let is_mine = source["holder"] == json!(elastic.holder);
        let until = source["until"].as_i64().unwrap_or_default();
        // A chair that is taken for much longer than anybody may was taken by another clock.
        if !is_mine && until > now && until <= now + 10 * LEASE {
            desk.chair = None;
            return Ok(false);
        }
        let chair = Chair {
            number: found.body["_seq_no"].as_i64().unwrap_or_default(),
            term: found.body["_primary_term"].as_i64().unwrap_or_default(),
            until,
        };
        return take(app, elastic, desk, Some(chair), Value::Null).await;
    }
    if found.body["error"]["type"] == json!("index_not_found_exception") {
        let body = json!({
            "settings": { "index": { "number_of_shards": 1, "auto_expand_replicas": "0-1" } },
            "mappings": { "dynamic": false },
        });
        let made = elastic.client.put(&format!("/{}", elastic.names.desk), &[], &body).await?;
        if made.body["error"]["type"] != json!("resource_already_exists_exception") {
            made.good()?;
        }
    }
    take(app, elastic, desk, None, Value::Null).await
}

/// Tells how far a building has come, and stays.
///
/// # Errors
/// `WrongState` when another process sits here now.
pub async fn say_progress(
    app: &App,
    elastic: &Elastic,
    desk: &mut Desk,
    progress: Option<Progress>,
) -> Result<(), Fault> {
    let building = progress.map_or(Value::Null, |it| json!({ "done": it.done, "of": it.of }));
    let chair = desk.chair.take();
    match take(app, elastic, desk, chair, building).await? {
        true => Ok(()),
        false => Err(Error::wrong_state("another process writes the search index").into()),
    }
}

/// How far the process that builds an index has come.
pub async fn progress(elastic: &Elastic) -> Result<Option<Progress>, Fault> {
    let found = elastic.client.get(&format!("/{}/_doc/desk", elastic.names.desk), &[]).await?;
    let building = &found.body["_source"]["building"];
    Ok(building["done"].as_u64().zip(building["of"].as_u64()).map(|(done, of)| Progress { done, of }))
}

async fn take(
    app: &App,
    elastic: &Elastic,
    desk: &mut Desk,
    seen: Option<Chair>,
    building: Value,
) -> Result<bool, Fault> {
    let until = app.clock.now().timestamp_millis() + LEASE;
    let body = json!({ "holder": elastic.holder, "until": until, "building": building });
    let (number, term);
    let query = match &seen {
        Some(chair) => {
            (number, term) = (chair.number.to_string(), chair.term.to_string());
            vec![("if_seq_no", number.as_str()), ("if_primary_term", term.as_str())]
        }
        None => vec![("op_type", "create")],
    };
    desk.chair = None;
    let answer = elastic.client.put(&format!("/{}/_doc/desk", elastic.names.desk), &query, &body).await?;
    if answer.status == 409 {
        return Ok(false);
    }
    let body = answer.good()?;
    let (number, term) = (body["_seq_no"].as_i64(), body["_primary_term"].as_i64());
    desk.chair = number.zip(term).map(|(number, term)| Chair { number, term, until });
    Ok(true)
}
