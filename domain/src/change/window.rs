//! The last lines of the log, read once for everybody in this process who waits at its end. Whoever asks first reads
//! them; who is further back, or after a pause, reads the database alone.
//!
//! What is kept here speaks of rights, and so it is let go: all of it as soon as a later line changes rights, and each
//! part after a second.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Duration, Utc};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{chapter::Chapter, deliver::Passage, log::Position};
use crate::{App, Error, Result};

/// How long rights that were read may be relied upon.
pub(crate) const FRESH: Duration = Duration::seconds(1);
/// Lines read at once.
const CHAPTER: u64 = 500;
/// Lines kept at most.
const KEPT: usize = 5000;

/// Whether what was authorised then, by a state that held the log up to `seq`, may still be shown: no right is known to
/// have changed since, or it was a moment ago.
pub fn holds(app: &App, then: DateTime<Utc>, seq: i64) -> bool {
    app.window.settled() <= seq || app.clock.now() - then < FRESH
}

/// Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct Window(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    held: Mutex<Held>,
    /// The last line known to have changed rights.
    settled: AtomicI64,
}

/// Chapters without a gap between them, up to `to`.
#[derive(Debug, Default)]
struct Held {
    epoch: Uuid,
    to: i64,
    chapters: VecDeque<Arc<Chapter>>,
    /// Rights have not changed after this line.
    settled: i64,
}

impl Window {
    /// The last line known to have changed rights: what was authorised by a state after it still holds.
    pub fn settled(&self) -> i64 {
        self.0.settled.load(Ordering::Acquire)
    }

    /// The lines after `since`, at most `limit` of them.
    pub(super) async fn passage(&self, app: &App, since: Position, limit: u64) -> Result<Passage> {
        let here = self.0.held.try_lock().ok().and_then(|mut held| {
            let here = held.has(app, since)?;
            Some(here.then(|| held.cut(since, limit, app.news.head())))
        });
        let shared = match here {
            Some(known) => known,
            // In a task of its own: a caller who pauses must not keep what is read for all from being read.
            None => {
                let app = app.clone();
                let reading = tokio::spawn(async move { app.window.read_for_all(&app, since, limit).await });
                reading.await.map_err(|error| Error::Internal(format!("the change log was not read: {error}")))??
            }
        };
        match shared {
            Some(passage) => Ok(passage),
            None => {
                // In a task of its own as well: a reader who pauses must not keep a connection to the database.
                let app = app.clone();
                let reading = tokio::spawn(async move { Chapter::read(&app, since, limit).await });
                let chapter =
                    reading.await.map_err(|error| Error::Internal(format!("the log was not read: {error}")))??;
                self.0.settled.fetch_max(chapter.last_of_rights().unwrap_or(0), Ordering::AcqRel);
                Ok(Passage::alone(chapter, since, limit))
            }
        }
    }

    async fn read_for_all(&self, app: &App, since: Position, limit: u64) -> Result<Option<Passage>> {
        let mut held = self.0.held.lock().await;
        let reached = held.reach(app, since).await?;
        self.0.settled.fetch_max(held.settled, Ordering::AcqRel);
        Ok(reached.then(|| held.cut(since, limit, app.news.head())))
    }
}

impl Held {
    /// Whether the lines after `since` are here; `None` where that takes reading.
    fn has(&mut self, app: &App, since: Position) -> Option<bool> {
        self.let_go(app.clock.now());
        match since.seq {
            _ if since.epoch != self.epoch => None,
            seq if seq < self.begin() => Some(false),
            seq if seq < self.to => Some(true),
            seq => (seq == self.to && app.news.head() <= seq).then_some(true),
        }
    }

    /// Whether the lines after `since` are here; those at the end are read if need be.
    async fn reach(&mut self, app: &App, since: Position) -> Result<bool> {
        let near = CHAPTER as i64;
        self.let_go(app.clock.now());
        let far = since.epoch != self.epoch || since.seq > self.to + near;
        if far && app.news.head() <= since.seq + near {
            // Nobody stood here, and this reader is near the end: from now on somebody does.
            *self = Self { epoch: since.epoch, to: since.seq, chapters: VecDeque::new(), settled: since.seq };
        }
        while since.epoch == self.epoch && since.seq >= self.to && since.seq <= self.to + near {
            if app.news.head() <= self.to {
                return Ok(since.seq == self.to);
            }
            if !self.read_on(app).await? {
                return Ok(false);
            }
        }
        Ok(since.epoch == self.epoch && since.seq >= self.begin() && since.seq < self.to)
    }

    /// Reads the next chapter. Returns whether there is one.
    async fn read_on(&mut self, app: &App) -> Result<bool> {
        let chapter = Chapter::read(app, Position { epoch: self.epoch, seq: self.to }, CHAPTER).await?;
        if chapter.batch.resync || chapter.batch.lines.is_empty() {
            *self = Self::default();
            return Ok(false);
        }
        if let Some(seq) = chapter.last_of_rights() {
            self.chapters.clear();
            self.settled = seq;
        }
        self.to = chapter.batch.position.seq;
        if let Some(late) = chapter.batch.lines.last().and_then(|line| (chapter.read_at - line.at).to_std().ok()) {
            app.metrics.news(late);
        }
        self.chapters.push_back(Arc::new(chapter));
        Ok(true)
    }

    fn let_go(&mut self, now: DateTime<Utc>) {
        let mut lines: usize = self.chapters.iter().map(|chapter| chapter.batch.lines.len()).sum();
        while let Some(first) = self.chapters.front().filter(|it| lines > KEPT || now - it.read_at >= FRESH) {
            lines -= first.batch.lines.len();
            self.chapters.pop_front();
        }
    }

    fn begin(&self) -> i64 {
        self.chapters.front().map_or(self.to, |chapter| chapter.since)
    }

    fn cut(&self, since: Position, limit: u64, head: i64) -> Passage {
        let after = self.chapters.iter().filter(|chapter| chapter.batch.position.seq > since.seq);
        Passage::of(after.cloned().collect(), since, limit, head.max(self.to), self.settled)
    }
}
