//! What one reader hears of the log: each line is authorised at the moment it is delivered. A reader who could see a
//! document or a connection before and cannot now hears once that it is gone; whoever never could hears nothing, not even an id.

use std::sync::Arc;

use hawser_entity::document;

use super::{
    chapter::Chapter,
    log::{Line, Position, head},
};
use crate::{App, Principal, Result, principal::Scope, token};

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
    let passage = app.window.passage(app, since, limit).await?;
    Ok(passage.hear(who))
}

/// The same for a reader who stays: who they are is read again where it may have changed, and one who is too far behind
/// is told to read everything anew.
///
/// # Errors
/// Also `Unauthenticated` once the token or its user is no longer good.
pub async fn deliver_on(app: &App, who: &Principal, since: Position, limit: u64) -> Result<Delivery> {
    let behind = app.news.head().saturating_sub(since.seq).max(0).unsigned_abs();
    if behind > app.config.live_lag {
        let who = token::authenticate_again(app, who).await?;
        who.require(Scope::Read)?;
        return Ok(Delivery { heard: Vec::new(), position: head(app).await?, has_more: false, resync: true });
    }
    loop {
        let generation = app.standings.generation();
        let passage = app.window.passage(app, since, limit).await?;
        let who = token::authenticate_since(app, who, passage.settled).await?;
        // Who they are now must not meet rights of before: a group may have lost sight first, and gained them after.
        if app.standings.generation() == generation {
            who.require(Scope::Read)?;
            return Ok(passage.hear(&who));
        }
    }
}

/// Lines on their way to any reader.
pub(super) struct Passage {
    chapters: Vec<Arc<Chapter>>,
    since: i64,
    limit: usize,
    position: Position,
    has_more: bool,
    resync: bool,
    /// Rights have not changed between this line and the end: a reader who was signed in by a state after it is known.
    settled: i64,
}

impl Passage {
    /// Of chapters that follow each other, the first of which holds the line after `since`.
    pub(super) fn of(chapters: Vec<Arc<Chapter>>, since: Position, limit: u64, head: i64, settled: i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let after = chapters.iter().flat_map(|it| &it.batch.lines).filter(|line| line.seq > since.seq);
        let seq = after.take(limit).last().map_or(since.seq, |line| line.seq);
        let position = Position { epoch: since.epoch, seq };
        Self { chapters, since: since.seq, limit, position, has_more: seq < head, resync: false, settled }
    }

    /// Of what was read for this reader alone.
    pub(super) fn alone(chapter: Chapter, since: Position, limit: u64) -> Self {
        let settled = chapter.last_of_rights().unwrap_or(since.seq);
        let (position, has_more, resync) = (chapter.batch.position, chapter.batch.has_more, chapter.batch.resync);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { chapters: vec![Arc::new(chapter)], since: since.seq, limit, position, has_more, resync, settled }
    }

    fn hear(&self, who: &Principal) -> Delivery {
        let mine = who.ids();
        let lines =
            self.chapters.iter().flat_map(|chapter| chapter.batch.lines.iter().map(move |line| (chapter, line)));
        let heard = lines
            .filter(|(_, line)| line.seq > self.since)
            .take(self.limit)
            .filter_map(|(chapter, line)| chapter.hear(line, who, &mine))
            .collect();
        Delivery { heard, position: self.position, has_more: self.has_more, resync: self.resync }
    }
}
