//! Following the change log: a line says which documents to look at again, and what they look like now is written. Then the
//! mark says that everything up to there can be found.

use std::{collections::HashSet, time::Instant};

use serde_json::{Value, json};
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::{
    Elastic,
    desk::{self, Desk},
    mark::{self, Marked},
    reindex,
    write::{self, Target},
};
use crate::{
    App,
    change::{self, Position},
    search::{
        engine::{self, Followed, Progress},
        fault::Fault,
        load::term,
        touched::touched,
    },
};

/// Lines read at once.
const LINES: u64 = 1000;
/// Documents loaded at once.
const CHUNK: usize = 500;
/// Documents after which a mark is due.
const MARK_DOCUMENTS: u64 = 5000;
/// Seconds after which a mark is due.
const MARK_SECONDS: u64 = 1;
/// Lines about other things after which the position is marked nevertheless.
const MARK_LINES: i64 = 5000;
/// Documents below a deleted one that are asked for at once.
const BELOW: u64 = 1000;

/// The right to write among processes, and what this one remembers of it.
pub struct Chair<'a> {
    elastic: &'a Elastic,
    desk: MutexGuard<'a, Desk>,
}

impl Elastic {
    /// Waits for whoever of this process sits there.
    pub async fn chair(&self) -> Chair<'_> {
        Chair { elastic: self, desk: self.desk.lock().await }
    }
}

impl engine::Chair for Chair<'_> {
    async fn sit_down(&mut self, app: &App) -> Result<bool, Fault> {
        desk::sit_down(app, self.elastic, &mut self.desk).await
    }

    async fn position(&self) -> Result<Option<Position>, Fault> {
        Ok(self.elastic.marked().await?.map(|it| it.mark.position()))
    }

    async fn follow(&mut self, app: &App) -> Result<Followed, Fault> {
        match self.elastic.marked().await? {
            None => Err(Fault::Index("there is none".to_owned())),
            Some(it) if it.mark.version != self.elastic.version => {
                Err(Fault::Index(format!("{} is of another version", it.index)))
            }
            Some(it) => follow_alias(app, self.elastic, &mut self.desk, it).await,
        }
    }

    async fn build(&mut self, app: &App, tell: &(dyn Fn(Progress) + Sync)) -> Result<u64, Fault> {
        reindex::build(app, self.elastic, &mut self.desk, tell).await
    }
}

/// Follows with the index in use, from where this process remembers to have come.
pub(super) async fn follow_alias(
    app: &App,
    elastic: &Elastic,
    desk: &mut Desk,
    found: Marked,
) -> Result<Followed, Fault> {
    let Marked { index, mark } = found;
    let marked = mark.position();
    let from = match &desk.at {
        Some((name, at)) if *name == index && at.epoch == marked.epoch && at.seq >= marked.seq => *at,
        _ => marked,
    };
    desk.at = None;
    let followed = follow(app, elastic, desk, Target::Alias(&elastic.names.write), from, marked).await?;
    desk.at = Some((index, followed.at));
    Ok(followed)
}

/// Writes what lines after a place are about, for as long as nobody else sits at the desk. `marked` is the place of the mark.
pub(super) async fn follow(
    app: &App,
    elastic: &Elastic,
    desk: &mut Desk,
    target: Target<'_>,
    from: Position,
    marked: Position,
) -> Result<Followed, Fault> {
    let (mut at, mut marked, mut written, mut since) = (from, marked, 0, 0);
    let mut begun = Instant::now();
    loop {
        let batch = change::read(app, at, LINES).await?;
        if batch.resync {
            return Ok(Followed { at: batch.position, written, expired: true });
        }
        let touched = touched(app, &batch.lines).await?;
        let mut ids: HashSet<Uuid> = touched.ids.into_iter().collect();
        ids.extend(below(elastic, target, &touched.gone).await?);
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for chunk in ids.chunks(CHUNK) {
            write::replace(app, elastic, target, chunk).await?;
        }
        written += ids.len() as u64;
        since += ids.len() as u64;
        at = batch.position;
        let is_due = since >= MARK_DOCUMENTS || (since > 0 && begun.elapsed().as_secs() >= MARK_SECONDS);
        let is_last = since > 0 && !batch.has_more;
        if is_due || is_last || at.seq - marked.seq >= MARK_LINES {
            mark::write(elastic, target, at).await?;
            (since, begun, marked) = (0, Instant::now(), at);
        }
        if !batch.has_more || !desk::sit_down(app, elastic, desk).await? {
            return Ok(Followed { at, written, expired: false });
        }
    }
}

/// What the index has below documents that are gone, however little the database knows of it now. What was moved away in
/// time is among it too, and is written as it is.
async fn below(elastic: &Elastic, target: Target<'_>, gone: &[Uuid]) -> Result<Vec<Uuid>, Fault> {
    let mut found = Vec::new();
    if gone.is_empty() {
        return Ok(found);
    }
    let (Target::Alias(name) | Target::Index(name)) = target;
    mark::refresh(elastic, name).await?;
    for gone in gone.chunks(1000) {
        let gone: Vec<String> = gone.iter().map(|id| term(*id)).collect();
        let mut after = Value::Null;
        loop {
            let mut body = json!({
                "size": BELOW,
                "_source": false,
                "track_total_hits": false,
                "query": { "bool": { "filter": [{ "terms": { "ancestors": gone } }, { "term": { "deleted": false } }] } },
                "sort": [{ "id": "asc" }],
            });
            if !after.is_null() {
                body["search_after"] = after;
            }
            let answer = elastic.client.post(&format!("/{name}/_search"), &[], &body).await?.good()?;
            let hits = answer["hits"]["hits"].as_array().cloned().unwrap_or_default();
            found.extend(hits.iter().filter_map(|hit| hit["_id"].as_str()?.parse::<Uuid>().ok()));
            match hits.last() {
                Some(last) => after = last["sort"].clone(),
                None => break,
            }
        }
    }
    Ok(found)
}
