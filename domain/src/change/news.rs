//! Tells whoever waits in this process that the log has a new head. It carries a number, never the changes themselves.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::App;

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

/// How late another process's changes may be heard of.
const FOLLOW: Duration = Duration::from_millis(500);

/// Hears of changes that other processes on the same database committed. Runs until dropped.
pub async fn follow(app: Arc<App>) {
    loop {
        match super::head(&app).await {
            Ok(position) => app.news.publish(position.seq),
            Err(error) => tracing::error!(%error, "cannot read the head of the change log"),
        }
        tokio::time::sleep(FOLLOW).await;
    }
}
