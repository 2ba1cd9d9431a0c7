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
    System { start: Instant, ahead: Arc<AtomicU64> },
    Manual { start: DateTime<Utc>, passed: Arc<AtomicU64> },
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System { start: Instant::now(), ahead: Arc::default() })
    }

    /// Stands at `start`; `sleep` and `advance` move it, for every clone, and nobody waits.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Source::Manual { start, passed: Arc::default() })
    }

    /// Moves the clock on, for every clone; the system's then runs ahead by so much.
    pub fn advance(&self, by: Duration) {
        let (Source::System { ahead: moved, .. } | Source::Manual { passed: moved, .. }) = &self.0;
        moved.fetch_add(nanos(by), Ordering::SeqCst);
    }

    /// Now, as the calendar has it.
    #[allow(clippy::disallowed_methods, reason = "this is where the injected clock reads the system's")]
    pub fn utc(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System { ahead, .. } => Utc::now() + moved(ahead),
            Source::Manual { start, passed } => *start + moved(passed),
        }
    }

    /// How far it was moved: what another clock has to be put forward by to go with this one.
    pub fn ahead(&self) -> Duration {
        let (Source::System { ahead: moved, .. } | Source::Manual { passed: moved, .. }) = &self.0;
        Duration::from_nanos(moved.load(Ordering::SeqCst))
    }

    pub async fn sleep(&self, wait: Duration) {
        match &self.0 {
            Source::System { .. } => tokio::time::sleep(wait).await,
            Source::Manual { .. } => {
                self.advance(wait);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Since the clock was made.
    pub(super) fn nanos(&self) -> u64 {
        match &self.0 {
            Source::System { start, ahead } => nanos(start.elapsed()).saturating_add(ahead.load(Ordering::SeqCst)),
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

fn moved(by: &AtomicU64) -> chrono::Duration {
    chrono::Duration::nanoseconds(i64::try_from(by.load(Ordering::SeqCst)).unwrap_or(i64::MAX))
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
