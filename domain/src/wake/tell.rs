//! Tells the other processes: at once, never twice at a time, and without anybody's waiting for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use super::{CHANNEL, Word};
use crate::redis::Redis;

/// Words that wait for a Redis that is away. Beyond this many the oldest are forgotten.
const KEPT: usize = 1_000;
const RENEWALS: usize = 256;

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct Wakes(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    redis: Option<Redis>,
    outbox: Mutex<Outbox>,
    /// Whether this process hears the others at this moment.
    hears: watch::Sender<bool>,
    renewals: broadcast::Sender<Uuid>,
}

#[derive(Debug, Default)]
struct Outbox {
    words: Vec<Word>,
    is_sending: bool,
}

impl Wakes {
    /// Tells nobody without a Redis.
    pub fn new(redis: Option<Redis>) -> Self {
        let (hears, renewals) = (watch::channel(false).0, broadcast::channel(RENEWALS).0);
        Self(Arc::new(Shared { redis, outbox: Mutex::default(), hears, renewals }))
    }

    /// Whether others are heard at this moment: whoever looks for themselves may then look more rarely.
    pub fn hearing(&self) -> watch::Receiver<bool> {
        self.0.hears.subscribe()
    }

    /// Connections whose tokens another process has just stopped renewing. Subscribe before looking at the row.
    pub(crate) fn renewals(&self) -> broadcast::Receiver<Uuid> {
        self.0.renewals.subscribe()
    }

    pub(super) fn hear(&self, hears: bool) {
        self.0.hears.send_replace(hears);
    }

    pub(super) fn heard_of_renewal(&self, connection: Uuid) {
        // Nobody may be waiting.
        let _ = self.0.renewals.send(connection);
    }

    /// Call after the commit.
    pub(crate) fn tell(&self, word: Word) {
        if self.0.redis.is_none() {
            return;
        }
        let mut outbox = self.0.outbox();
        outbox.put(word);
        self.send(&mut outbox);
    }

    /// Tries again what Redis did not take.
    pub(crate) fn repeat(&self) {
        let mut outbox = self.0.outbox();
        if !outbox.words.is_empty() {
            self.send(&mut outbox);
        }
    }

    fn send(&self, outbox: &mut Outbox) {
        if !outbox.is_sending {
            outbox.is_sending = true;
            tokio::spawn(send(self.0.clone()));
        }
    }
}

/// Sends until nothing is left: what is told meanwhile goes together.
async fn send(shared: Arc<Shared>) {
    let Some(redis) = &shared.redis else { return };
    loop {
        let waiting = shared.outbox().take();
        let Some(words) = waiting else { return };
        let Ok(text) = serde_json::to_string(&words) else { continue };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(redis.key(CHANNEL)).arg(text);
        if redis.ask::<()>(&publish).await.is_err() {
            return shared.outbox().put_back(words);
        }
    }
}

impl Shared {
    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox {
    /// Of several heads only the greatest is news, of other words one is enough.
    fn put(&mut self, word: Word) {
        if let Word::Head(head) = word
            && let Some(Word::Head(known)) = self.words.iter_mut().find(|it| matches!(it, Word::Head(_)))
        {
            *known = head.max(*known);
        } else if !self.words.contains(&word) {
            if self.words.len() >= KEPT {
                self.words.remove(0);
            }
            self.words.push(word);
        }
    }

    /// What Redis did not take waits until somebody sends again.
    fn put_back(&mut self, words: Vec<Word>) {
        let newer = std::mem::replace(&mut self.words, words);
        newer.into_iter().for_each(|word| self.put(word));
        self.is_sending = false;
    }

    /// All that waits; `None`, and the sender may go, when nothing does.
    fn take(&mut self) -> Option<Vec<Word>> {
        self.is_sending = !self.words.is_empty();
        self.is_sending.then(|| std::mem::take(&mut self.words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_told_once_and_of_heads_the_greatest() {
        let mut outbox = Outbox::default();
        for word in [Word::Head(4), Word::Ending, Word::Head(7), Word::Ending, Word::Head(5)] {
            outbox.put(word);
        }
        assert_eq!(outbox.take(), Some(vec![Word::Head(7), Word::Ending]));
        assert_eq!(outbox.take(), None);
    }

    #[test]
    fn words_do_not_pile_up_while_nobody_takes_them() {
        let mut outbox = Outbox::default();
        (0..KEPT as u128 + 10).for_each(|number| outbox.put(Word::Renewal(Uuid::from_u128(number))));
        assert_eq!(outbox.words.len(), KEPT);
        assert_eq!(outbox.words.last(), Some(&Word::Renewal(Uuid::from_u128(KEPT as u128 + 9))));
    }
}
