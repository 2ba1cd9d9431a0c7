//! Taking out what has been gone for so long that no older state of it can be under way any more.

use std::time::Duration;

use serde_json::json;

use super::{
    Elastic,
    look::ask,
    mark,
    write::{self, Target},
};
use crate::{App, search::fault::Fault};

/// Tombstones of one round.
const MOST: u64 = 1000;

/// Returns how many documents were taken out.
pub async fn purge(app: &App, elastic: &Elastic, age: Duration) -> Result<u64, Fault> {
    let oldest = app.clock.now() - age;
    let mut purged = 0;
    if elastic.marked().await?.is_none() {
        return Ok(purged);
    }
    let old = json!({ "range": { "deleted_at": { "lt": oldest.timestamp_micros() } } });
    let body = json!({
        "size": MOST,
        "_source": false,
        "version": true,
        "track_total_hits": false,
        "query": { "bool": { "filter": [{ "term": { "deleted": true } }, old] } },
    });
    loop {
        let answer = ask(elastic, &body).await?;
        let hits = answer["hits"]["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
        let dead = hits.iter().filter_map(|hit| Some(write::delete(hit["_id"].as_str()?, hit["_version"].as_i64()?)));
        let dead: Vec<_> = dead.collect();
        if dead.is_empty() {
            return Ok(purged);
        }
        purged += dead.len() as u64;
        write::bulk(elastic, Target::Alias(&elastic.names.write), dead).await?;
        mark::refresh(elastic, &elastic.names.read).await?;
    }
}
