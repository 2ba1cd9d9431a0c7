//! How fast we may call: buckets of quota units by (provider, scope, class), shared by every clone of a client, and
//! scopes a cloud has told us to leave alone for a while. A short wait is slept here; a long one is an error that says
//! how long, so that a worker can do something else. `acquire` and `block` are all that a shared store would replace.

mod clock;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::{Error, ErrorKind, Result, Retry};
pub use clock::Clock;
use clock::nanos;

/// Longer waits than this are handed back instead of slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);

/// One allowance. Two buckets with the same provider, scope and class are the same bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// Our provider id.
    pub provider: Arc<str>,
    /// Our connection id; `None` for what all connections of the provider share.
    pub scope: Option<Arc<str>>,
    /// What kind of calls, where a cloud counts kinds apart.
    pub class: &'static str,
    /// Quota units that no sixty seconds may exceed.
    pub per_minute: u32,
}

/// What one call costs, and whom.
#[derive(Debug, Clone)]
pub struct Toll {
    /// Paid in this order: put the narrowest first, so that a busy connection does not drain what all share.
    pub buckets: Vec<Bucket>,
    pub units: u32,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Clock, NoOpMiddleware<Nanos>>;

/// Clones share one state.
#[derive(Clone)]
pub struct Pacing {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    limiters: HashMap<Bucket, Arc<Limiter>>,
    blocked_until: HashMap<Bucket, u64>,
}

impl Pacing {
    pub fn new(clock: Clock) -> Self {
        Self { clock, state: Arc::default() }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns when the call may be made. `RateLimited` with `Retry::After` when that is more than two seconds off.
    pub async fn acquire(&self, toll: &Toll) -> Result<()> {
        let mut slept = Duration::ZERO;
        for bucket in &toll.buckets {
            while let Some(wait) = self.wait(bucket, toll.units) {
                slept += wait;
                if slept > LONGEST_SLEEP {
                    return Err(Error::new(
                        ErrorKind::RateLimited,
                        "the allowance for calls to this cloud is used up for the moment",
                    )
                    .with_retry(Retry::After(wait)));
                }
                self.clock.sleep(wait).await;
            }
        }
        Ok(())
    }

    /// Keeps every call that pays from `bucket` away for `wait`; a longer block already there stays.
    pub fn block(&self, bucket: &Bucket, wait: Duration) {
        let until = self.clock.nanos().saturating_add(nanos(wait));
        let mut state = self.lock();
        let blocked = state.blocked_until.entry(bucket.clone()).or_default();
        *blocked = until.max(*blocked);
    }

    /// Takes the units and answers `None`, or leaves them and says how long to wait.
    fn wait(&self, bucket: &Bucket, units: u32) -> Option<Duration> {
        let (limiter, burst) = {
            let mut state = self.lock();
            if let Some(until) = state.blocked_until.get(bucket).copied() {
                let now = self.clock.nanos();
                if until > now {
                    return Some(Duration::from_nanos(until - now));
                }
                state.blocked_until.remove(bucket);
            }
            let (quota, burst) = quota(bucket.per_minute);
            let limiter = state
                .limiters
                .entry(bucket.clone())
                .or_insert_with(|| Arc::new(RateLimiter::direct_with_clock(quota, self.clock.clone())));
            (limiter.clone(), burst)
        };
        // A call dearer than the whole burst pays the burst: late is better than never.
        let units = NonZeroU32::new(units)?.min(burst);
        match limiter.check_n(units) {
            Ok(Ok(())) | Err(_) => None,
            // A nanosecond more, or rounding could wake us just too early for ever.
            Ok(Err(not_until)) => Some(not_until.wait_time_from(self.clock.now()) + Duration::from_nanos(1)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sixth of the minute's units at once and five sixths spread over the minute: no sixty seconds, wherever they
/// begin, see more than `per_minute`.
fn quota(per_minute: u32) -> (Quota, NonZeroU32) {
    let burst = NonZeroU32::new(per_minute / 6).unwrap_or(NonZeroU32::MIN);
    let spread = u64::from(per_minute - per_minute / 6).max(1);
    let period = Duration::from_nanos((60_000_000_000 / spread).max(1));
    let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN)).allow_burst(burst);
    (quota, burst)
}

impl std::fmt::Debug for Pacing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pacing({} buckets)", self.lock().limiters.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(scope: Option<&str>, per_minute: u32) -> Bucket {
        Bucket { provider: "p".into(), scope: scope.map(Into::into), class: "units", per_minute }
    }

    fn toll(units: u32, buckets: &[&Bucket]) -> Toll {
        Toll { buckets: buckets.iter().map(|bucket| (*bucket).clone()).collect(), units }
    }

    fn pacing() -> Pacing {
        Pacing::new(Clock::manual("2026-05-01T00:00:00Z".parse().expect("a time")))
    }

    #[tokio::test]
    async fn no_minute_sees_more_units_than_allowed() {
        let pacing = pacing();
        let mine = bucket(Some("c"), 600);
        let mut in_first_minute = 0;
        while pacing.clock().nanos() < 60_000_000_000 {
            pacing.acquire(&toll(5, &[&mine])).await.expect("short waits");
            in_first_minute += 5;
        }
        assert!(in_first_minute <= 605, "{in_first_minute} units");
        assert!(in_first_minute >= 590, "{in_first_minute} units");
    }

    #[tokio::test]
    async fn a_long_wait_is_handed_back_instead_of_slept() {
        let pacing = pacing();
        let mine = bucket(Some("c"), 60);
        pacing.acquire(&toll(10, &[&mine])).await.expect("a burst");
        let before = pacing.clock().nanos();
        let error = pacing.acquire(&toll(10, &[&mine])).await.expect_err("a wait");
        assert_eq!(error.kind, ErrorKind::RateLimited);
        let Retry::After(wait) = error.retry else {
            panic!("no wait in {error:?}");
        };
        assert_eq!(wait.as_secs(), 12);
        assert_eq!(pacing.clock().nanos(), before, "it slept");
        pacing.clock().advance(wait);
        pacing.acquire(&toll(10, &[&mine])).await.expect("after the wait");
    }

    #[tokio::test]
    async fn a_blocked_scope_stays_away_and_others_go_on() {
        let pacing = pacing();
        let (mine, theirs) = (bucket(Some("c"), 6000), bucket(Some("d"), 6000));
        pacing.block(&mine, Duration::from_secs(30));
        pacing.block(&mine, Duration::from_secs(3));
        let error = pacing.acquire(&toll(5, &[&mine])).await.expect_err("blocked");
        assert_eq!(error.retry, Retry::After(Duration::from_secs(30)));
        pacing.acquire(&toll(5, &[&theirs])).await.expect("free");
        pacing.clock().advance(Duration::from_secs(29));
        // One second is left: short enough to sleep.
        pacing.acquire(&toll(5, &[&mine])).await.expect("a short wait");
        assert_eq!(pacing.clock().nanos(), 30_000_000_000);
    }

    #[tokio::test]
    async fn what_all_connections_share_is_shared() {
        let pacing = pacing();
        let shared = bucket(None, 60);
        for scope in ["c", "d"] {
            let mine = bucket(Some(scope), 6000);
            pacing.acquire(&toll(5, &[&mine, &shared])).await.expect("within the burst");
        }
        let mine = bucket(Some("e"), 6000);
        let error = pacing.acquire(&toll(5, &[&mine, &shared])).await;
        assert_eq!(error.expect_err("used up").kind, ErrorKind::RateLimited);
    }

    #[tokio::test]
    async fn a_call_dearer_than_the_burst_is_late_but_not_refused_for_ever() {
        let pacing = pacing();
        let mine = bucket(Some("c"), 60);
        pacing.acquire(&toll(500, &[&mine])).await.expect("pays the burst");
    }
}
