//! The only clock of the house, pacing of the clouds included: the machine's, which tests move forward. Whoever waits for
//! a time of it is woken when it is moved.
//! Times are UTC and cut to microseconds, so that every database gives back what it was given.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use hawser_providers::pacing;
use tokio::sync::watch;

/// Cheap to clone; clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    time: pacing::Clock,
    moved: watch::Sender<()>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { time: pacing::Clock::system(), moved: watch::channel(()).0 }
    }
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        self.time.utc().trunc_subsecs(6)
    }

    /// Moves this clock and all its clones forward. Time never goes back.
    pub fn advance(&self, by: Duration) {
        self.time.advance(by);
        self.moved.send_replace(());
    }

    /// Waits until it is this time.
    pub async fn until(&self, time: DateTime<Utc>) {
        let mut moved = self.moved.subscribe();
        while let Some(left) = (time - self.now()).to_std().ok().filter(|left| !left.is_zero()) {
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// How far it was moved: what Redis' clock has to be put forward by to go with this one.
    pub fn ahead(&self) -> Duration {
        self.time.ahead()
    }

    /// The same clock, for the client that calls clouds.
    pub fn of_clouds(&self) -> pacing::Clock {
        self.time.clone()
    }
}
