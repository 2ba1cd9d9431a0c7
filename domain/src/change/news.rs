//! Tells whoever waits in this process that the log has a new head. It carries a number, never the changes themselves.

use tokio::sync::watch;

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
