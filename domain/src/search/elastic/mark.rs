//! What an index says of itself: where in the change log it has come to. It is a document of the index itself, so that it is
//! lost with the index and goes where the alias goes; it is written when everything up to there can be found.

use elasticsearch::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Elastic,
    client::{Body, LONG, quote},
    write::Target,
};
use crate::{change::Position, search::fault::Fault};

const ID: &str = "mark";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub epoch: Uuid,
    pub seq: i64,
    /// Of the mapping.
    pub version: String,
}

/// An index and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub index: String,
    pub mark: Mark,
}

impl Mark {
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, seq: self.seq }
    }
}

/// The index of this name or alias; none where there is none, or none that was ever finished.
pub async fn read(elastic: &Elastic, name: &str) -> Result<Option<Marked>, Fault> {
    // As searches see it: what was not refreshed yet is not promised yet.
    let answer = elastic.client.get(&format!("/{name}/_doc/{ID}"), &[("realtime", "false")]).await?;
    if !(200..300).contains(&answer.status) {
        if !matches!(answer.status, 400 | 404) {
            answer.good()?;
        }
        return Ok(None);
    }
    let index = answer.body["_index"].as_str().map(str::to_owned);
    let mark: Option<Mark> = serde_json::from_value(answer.body["_source"]["mark"].clone()).ok();
    Ok(index.zip(mark).map(|(index, mark)| Marked { index, mark }))
}

/// Makes everything written findable, and then says so. A mark that is further already stays.
pub async fn write(elastic: &Elastic, target: Target<'_>, at: Position) -> Result<(), Fault> {
    let (name, required) = match target {
        Target::Alias(name) => (name, "true"),
        Target::Index(name) => (name, "false"),
    };
    refresh(elastic, name).await?;
    let version = at.seq.to_string();
    let query = [
        ("version", version.as_str()),
        ("version_type", "external_gte"),
        ("require_alias", required),
        ("refresh", "true"),
    ];
    let mark = Mark { epoch: at.epoch, seq: at.seq, version: elastic.version.clone() };
    let body: Value = json!({ "mark": mark });
    let path = format!("/{name}/_doc/{ID}");
    let answer = elastic.client.ask(Method::Put, &path, &query, Body::Json(&body), LONG).await?;
    match answer.status {
        409 => Ok(()),
        404 => Err(Fault::Index(quote(&answer.body))),
        _ => answer.good().map(|_| ()),
    }
}

/// Makes everything written so far findable.
pub async fn refresh(elastic: &Elastic, name: &str) -> Result<(), Fault> {
    let path = format!("/{name}/_refresh");
    let answer = elastic.client.ask(Method::Post, &path, &[], Body::Nothing, LONG).await?;
    match answer.status {
        404 => Err(Fault::Index(quote(&answer.body))),
        _ => answer.good().map(|_| ()),
    }
}
