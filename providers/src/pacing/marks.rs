//! What clouds have told us: how long a scope is to be left alone, and that it was called too fast. Kept in every process,
//! wherever the buckets are: a store that is flushed forgets no cloud's word.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::nanos;
use super::{Clock, Toll};
use crate::http::MAX_RETRY_AFTER;

/// Of the allowed pace, after a cloud found it too fast.
pub const SLOWER: f64 = 0.5;
/// Of the allowed pace, won back each minute.
pub const BACK_PER_MINUTE: f64 = 0.05;
/// However often a cloud complains.
pub const SLOWEST: f64 = 0.05;
/// Complaints about calls that were under way together count as one.
pub const TOGETHER: Duration = Duration::from_secs(1);

const MINUTE: f64 = 60e9;
/// Beyond this many, what is over is forgotten.
const KEPT: usize = 10_000;

/// What a cloud said instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// How long it wants to be left alone, if it said so.
    pub wait: Option<Duration>,
    /// Whether it complained about the pace, and not only about its own trouble.
    pub is_pace: bool,
}

/// Clones share one state.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(Arc<Mutex<HashMap<String, Mark>>>);

/// Times are nanoseconds of the clock.
#[derive(Debug)]
struct Mark {
    blocked_until: u64,
    pace: f64,
    slowed_at: Option<u64>,
}

impl Marks {
    pub(super) fn refused(&self, clock: &Clock, bucket: &str, refusal: Refusal) {
        let now = clock.nanos();
        let mut marks = self.lock();
        if marks.len() >= KEPT {
            marks.retain(|_, mark| mark.blocked_until > now || mark.pace(now) < 1.0);
        }
        let fresh = Mark { blocked_until: 0, pace: 1.0, slowed_at: None };
        let mark = marks.entry(bucket.to_owned()).or_insert(fresh);
        let is_new = mark.slowed_at.is_none_or(|at| now.saturating_sub(at) >= nanos(TOGETHER));
        if refusal.is_pace && is_new {
            mark.pace = (mark.pace(now) * SLOWER).max(SLOWEST);
            mark.slowed_at = Some(now);
        }
        let wait = refusal.wait.unwrap_or_default().min(MAX_RETRY_AFTER);
        mark.blocked_until = mark.blocked_until.max(now.saturating_add(nanos(wait)));
    }

    /// How long to stay away from the most forbidding of these.
    pub(super) fn blocked(&self, clock: &Clock, toll: &Toll) -> Option<Duration> {
        let marks = self.lock();
        if marks.is_empty() {
            return None;
        }
        let now = clock.nanos();
        let left = |bucket: &super::Bucket| marks.get(&bucket.name())?.blocked_until.checked_sub(now);
        toll.buckets.iter().filter_map(left).filter(|left| *left > 0).max().map(Duration::from_nanos)
    }

    /// Of the allowed pace, how much may be used.
    pub(super) fn pace(&self, clock: &Clock, bucket: &str) -> f64 {
        self.lock().get(bucket).map_or(1.0, |mark| mark.pace(clock.nanos()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    fn pace(&self, now: u64) -> f64 {
        let since = now.saturating_sub(self.slowed_at.unwrap_or(now));
        (self.pace + BACK_PER_MINUTE * since as f64 / MINUTE).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Refusal = Refusal { wait: None, is_pace: true };

    #[test]
    fn a_complaint_halves_the_pace_which_comes_back_by_a_twentieth_each_minute() {
        let (marks, clock) = (Marks::default(), Clock::manual("2026-05-01T00:00:00Z".parse().expect("a time")));
        let near = |pace: f64| assert!((marks.pace(&clock, "b") - pace).abs() < 1e-6, "{}", marks.pace(&clock, "b"));
        marks.refused(&clock, "b", FAST);
        marks.refused(&clock, "b", FAST);
        near(0.5);
        clock.advance(Duration::from_secs(120));
        near(0.6);
        marks.refused(&clock, "b", FAST);
        near(0.3);
        for _ in 0..10 {
            clock.advance(TOGETHER);
            marks.refused(&clock, "b", FAST);
        }
        near(SLOWEST);
        clock.advance(Duration::from_secs(19 * 60));
        near(1.0);
    }
}
