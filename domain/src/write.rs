//! One writing transaction: facts, jobs, audit and, as its very last statements, the change log.
//! Dropping it without `commit` leaves nothing behind; bells and news go out only after the commit.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use chrono::{DateTime, Utc};
use hawser_entity::{
    change::{ChangeKind, Noun},
    job::JobClass,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{App, Result, change, principal::Actor, wake::Word};

pub struct Write<'a> {
    pub app: &'a App,
    /// The time of everything written here.
    pub now: DateTime<Utc>,
    pub actor: Actor<'a>,
    tx: DatabaseTransaction,
    changes: Vec<change::New>,
    rings: Vec<(JobClass, Uuid)>,
    ends_sign_ins: bool,
    /// Whether it changes who somebody is.
    of_standings: AtomicBool,
    /// The connection whose tokens it renews, or stops renewing.
    renews: Option<Uuid>,
}

impl App {
    /// Begins a writing transaction. Never hold one across a call to a cloud.
    pub async fn write<'a>(&'a self, actor: impl Into<Actor<'a>>) -> Result<Write<'a>> {
        let tx = self.database.begin().await?;
        Ok(Write {
            app: self,
            now: self.clock.now(),
            actor: actor.into(),
            tx,
            changes: Vec::new(),
            rings: Vec::new(),
            ends_sign_ins: false,
            of_standings: AtomicBool::new(false),
            renews: None,
        })
    }
}

impl Write<'_> {
    pub fn db(&self) -> &DatabaseTransaction {
        &self.tx
    }

    pub fn id(&self) -> Uuid {
        self.app.randomness.id(self.now)
    }

    /// Puts a line into the change log at commit. The same line twice is written once.
    pub fn announce(&mut self, noun: Noun, subject_id: Uuid, kind: ChangeKind) {
        self.announce_with(change::New { noun, subject_id, kind, owner_id: None, audience: None });
    }

    /// Like `announce`, for subjects of one owner or with an audience that may have lost sight of them.
    pub fn announce_with(&mut self, new: change::New) {
        if !self.changes.contains(&new) {
            self.changes.push(new);
        }
    }

    /// Remembers to wake the workers of a class once the row of this due job is committed.
    pub(crate) fn ring_after_commit(&mut self, class: JobClass, job: Uuid) {
        self.rings.push((class, job));
    }

    /// Remembers to wake whoever keeps connections of signed-in people open.
    pub(crate) fn tell_of_ending_after_commit(&mut self) {
        self.ends_sign_ins = true;
    }

    /// Says that a token, a person or a group changes: after the commit nobody is taken for who they were.
    pub(crate) fn changes_standings(&self) {
        self.of_standings.store(true, Ordering::Relaxed);
    }

    /// Remembers to wake those in other processes who wait for this connection's tokens.
    pub(crate) fn tell_of_renewal_after_commit(&mut self, connection: Uuid) {
        self.renews = Some(connection);
    }

    /// Writes the change log, commits, then wakes workers and subscribers. Returns the head of the log.
    pub async fn commit(self) -> Result<i64> {
        let begun = Instant::now();
        let head = change::commit_changes(&self.tx, &self.changes, self.actor.user_id(), self.now).await?;
        self.tx.commit().await?;
        self.app.metrics.commit(begun.elapsed());
        if self.of_standings.load(Ordering::Relaxed) {
            self.app.standings.forget();
            self.app.wakes.tell(Word::Standing);
        }
        if !self.rings.is_empty() {
            self.app.bell.ring(self.rings);
        }
        if self.ends_sign_ins {
            self.app.endings.publish();
            self.app.wakes.tell(Word::Ending);
        }
        if let Some(connection) = self.renews {
            self.app.wakes.tell(Word::Renewal(connection));
        }
        if let Some(head) = head {
            self.app.news.publish(head);
            self.app.wakes.tell(Word::Head(head));
        }
        Ok(head.unwrap_or_else(|| self.app.news.head()))
    }

    /// Gives up everything written so far.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}
