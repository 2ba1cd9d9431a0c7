//! Tells whoever waits in this process that the log has a new head. It carries a number, never the changes themselves.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{App, redis, wake};

#[derive(Debug, Clone)]
pub struct News(watch::Sender<i64>);

impl News {
    pub fn new(head: i64) -> Self {
        Self(watch::channel(head).0)
    }

    /// Heads may be published out of order by concurrent writers; the greatest wins.
    pub fn publish(&self, head: i64) {
        self.0.send_if_modified(|current| {
            let grew = head > *current;
            *current = (*current).max(head);
            grew
        });
    }

    pub fn head(&self) -> i64 {
        *self.0.borrow()
    }

    /// Subscribe before reading the log: what is published in between is then seen.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }
}

/// How late another process's changes may be heard of where nothing else tells of them.
const FOLLOW: Duration = Duration::from_millis(500);
/// The same while others tell: only in case that a word was lost.
const FOLLOW_RARELY: Duration = Duration::from_secs(5);

/// Hears of what other processes on the same database committed: from them, and by looking. Runs until dropped.
pub async fn follow(app: Arc<App>) {
    tokio::join!(wake::hear(&app), redis::count(&app), look(&app));
}

async fn look(app: &App) {
    let mut hearing = app.wakes.hearing();
    loop {
        let hears = *hearing.borrow_and_update();
        match super::head(app).await {
            Ok(position) => app.news.publish(position.seq),
            Err(error) => tracing::error!(%error, "cannot read the head of the change log"),
        }
        let pause = if hears { FOLLOW_RARELY } else { FOLLOW };
        // Once others are heard, or no longer, what was told in between is looked up at once.
        let _ = tokio::time::timeout(pause, hearing.changed()).await;
    }
}
