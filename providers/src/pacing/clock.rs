//! The time that pacing and polling go by.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use governor::clock::Clock as GovernorClock;
use governor::nanos::Nanos;

/// The time that pacing and polling go by: the system's, or one that moves only when told to or slept on.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System(Instant),
    Manual { start: DateTime<Utc>, passed: Arc<AtomicU64> },
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System(Instant::now()))
    }

    /// Stands at `start`; `sleep` and `advance` move it, for every clone, and nobody waits.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Source::Manual { start, passed: Arc::default() })
    }

    /// Moves a manual clock on; the system's clock does not listen.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual { passed, .. } = &self.0 {
            passed.fetch_add(nanos(by), Ordering::SeqCst);
        }
    }

    /// Now, as the calendar has it.
    #[allow(clippy::disallowed_methods, reason = "this is where the injected clock reads the system's")]
    pub fn utc(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System(_) => Utc::now(),
            Source::Manual { start, passed } => {
                let passed = i64::try_from(passed.load(Ordering::SeqCst)).unwrap_or(i64::MAX);
                *start + chrono::Duration::nanoseconds(passed)
            }
        }
    }

    pub async fn sleep(&self, wait: Duration) {
        match &self.0 {
            Source::System(_) => tokio::time::sleep(wait).await,
            Source::Manual { .. } => {
                self.advance(wait);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Since the clock was made.
    pub(super) fn nanos(&self) -> u64 {
        match &self.0 {
            Source::System(start) => nanos(start.elapsed()),
            Source::Manual { passed, .. } => passed.load(Ordering::SeqCst),
        }
    }
}

impl GovernorClock for Clock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.nanos())
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.utc())
    }
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
