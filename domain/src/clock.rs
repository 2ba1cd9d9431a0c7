//! The only clock of the house, pacing of the clouds included: the machine's, which tests move forward.
//! Times are UTC and cut to microseconds, so that every database gives back what it was given.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use hawser_providers::pacing;

/// Cheap to clone; clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock(pacing::Clock);

impl Default for Clock {
    fn default() -> Self {
        Self(pacing::Clock::system())
    }
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        self.0.utc().trunc_subsecs(6)
    }

    /// Moves this clock and all its clones forward. Time never goes back.
    pub fn advance(&self, by: Duration) {
        self.0.advance(by);
    }

    /// The same clock, for the client that calls clouds.
    pub fn of_clouds(&self) -> pacing::Clock {
        self.0.clone()
    }
}
