//! The only clock of the house: the machine's, or one that tests move by hand.
//! Times are UTC and cut to microseconds, so that every database gives back what it was given.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};

/// Cheap to clone; clones share the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds added to the machine's time.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        #[allow(clippy::disallowed_methods, reason = "this is the clock that everything else is told to use")]
        let machine = Utc::now();
        let ahead = chrono::Duration::microseconds(self.ahead.load(Ordering::Relaxed));
        (machine + ahead).trunc_subsecs(6)
    }

    /// Moves this clock and all its clones forward. Time never goes back.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.ahead.fetch_add(micros, Ordering::Relaxed);
    }
}
