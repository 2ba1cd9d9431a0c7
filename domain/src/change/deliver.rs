//! What one reader hears of the log: each line is authorised at the moment it is delivered. A reader who could see a
//! document or a connection before and cannot now hears once that it is gone; whoever never could hears nothing, not even an id.

use std::collections::{HashMap, HashSet};

use hawser_entity::{
    change::{ChangeKind, Noun},
    document,
};
use uuid::Uuid;

use super::log::{Line, Position, read};
use crate::{App, Principal, Result, connection, document as documents, principal::Scope};

/// A line as one reader may hear it.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub line: Line,
    /// The document as it is now, for documents the reader can see.
    pub document: Option<document::Model>,
    /// The reader could see the subject before, and no longer can.
    pub gone: bool,
}

/// Lines for one reader.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub heard: Vec<Heard>,
    /// Where to go on from; it moves also past lines that were not for this reader.
    pub position: Position,
    pub has_more: bool,
    pub resync: bool,
}

/// The lines after `since` that are for this reader, out of at most `limit` read.
///
/// # Errors
/// `Forbidden` for tokens that may not read.
pub async fn deliver(app: &App, who: &Principal, since: Position, limit: u64) -> Result<Delivery> {
    who.require(Scope::Read)?;
    let batch = read(app, since, limit).await?;
    let documents = visible_documents(app, who, &batch.lines).await?;
    let connections = visible_connections(app, who, &batch.lines).await?;
    let mine: HashSet<Uuid> = who.ids().into_iter().collect();
    let heard = batch.lines.into_iter().filter_map(|line| hear(line, who, &mine, &documents, &connections)).collect();
    Ok(Delivery { heard, position: batch.position, has_more: batch.has_more, resync: batch.resync })
}

fn hear(
    line: Line,
    who: &Principal,
    mine: &HashSet<Uuid>,
    documents: &HashMap<Uuid, document::Model>,
    connections: &HashSet<Uuid>,
) -> Option<Heard> {
    let own = who.is_admin() || line.owner_id == Some(who.user_id);
    let plain = |line| Some(Heard { line, document: None, gone: false });
    match line.noun {
        Noun::Provider => plain(line),
        Noun::Job | Noun::Feed => own.then_some(line).and_then(plain),
        Noun::Connection if own || connections.contains(&line.subject_id) => plain(line),
        Noun::Connection => knew(&line, mine).then_some(Heard { line, document: None, gone: true }),
        Noun::Document => match documents.get(&line.subject_id) {
            Some(document) => Some(Heard { document: Some(document.clone()), gone: false, line }),
            None => {
                let deleted_for_admin = who.is_admin() && line.kind == ChangeKind::Deleted;
                (deleted_for_admin || knew(&line, mine)).then_some(Heard { line, document: None, gone: true })
            }
        },
    }
}

/// Whether the reader was among those who could see the subject before.
fn knew(line: &Line, mine: &HashSet<Uuid>) -> bool {
    line.audience.as_ref().is_some_and(|audience| audience.iter().any(|id| mine.contains(id)))
}

async fn visible_documents(app: &App, who: &Principal, lines: &[Line]) -> Result<HashMap<Uuid, document::Model>> {
    let ids = subjects(lines, Noun::Document);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let documents = documents::find_many(app, who, &ids).await?;
    Ok(documents.into_iter().map(|document| (document.id, document)).collect())
}

async fn visible_connections(app: &App, who: &Principal, lines: &[Line]) -> Result<HashSet<Uuid>> {
    let ids = subjects(lines, Noun::Connection);
    if ids.is_empty() || who.is_admin() {
        return Ok(HashSet::new());
    }
    let connections = connection::find_many(app, who, &ids).await?;
    Ok(connections.into_iter().map(|connection| connection.id).collect())
}

fn subjects(lines: &[Line], noun: Noun) -> Vec<Uuid> {
    let ids: HashSet<_> = lines.iter().filter(|line| line.noun == noun).map(|line| line.subject_id).collect();
    ids.into_iter().collect()
}
