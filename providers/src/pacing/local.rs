//! Buckets in this process: all there are where it is alone, and its share of them while the shared ones are away.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::marks::Marks;
use super::{Bucket, Clock};

type Limiter = RateLimiter<NotKeyed, InMemoryState, Clock, NoOpMiddleware<Nanos>>;

pub(super) struct Local {
    clock: Clock,
    marks: Marks,
    /// Processes that divide the allowance.
    sharers: u32,
    starts_empty: bool,
    limiters: Mutex<HashMap<Bucket, Arc<Limiter>>>,
}

impl Local {
    /// Of the only process there is.
    pub(super) fn alone(clock: Clock, marks: Marks) -> Self {
        Self { clock, marks, sharers: 1, starts_empty: false, limiters: Mutex::default() }
    }

    /// Of one among several. What the shared bucket had saved up may be spent: nothing is saved up here at first.
    pub(super) fn share(clock: Clock, marks: Marks, sharers: u32) -> Self {
        Self { clock, marks, sharers, starts_empty: true, limiters: Mutex::default() }
    }

    /// Takes the units and answers `None`, or leaves them and says how long to wait.
    pub(super) fn wait(&self, bucket: &Bucket, units: u32) -> Option<Duration> {
        let rate = bucket.rate(self.sharers);
        let slower = f64::from(units) / self.marks.pace(&self.clock, &bucket.name());
        // A call dearer than the whole burst pays the burst: late is better than never.
        let units = NonZeroU32::new(slower.ceil() as u32)?.min(rate.burst);
        let limiter = self.limiter(bucket);
        match limiter.check_n(units) {
            Ok(Ok(())) | Err(_) => None,
            // A nanosecond more, or rounding could wake us just too early for ever.
            Ok(Err(not_until)) => Some(not_until.wait_time_from(self.clock.now()) + Duration::from_nanos(1)),
        }
    }

    fn limiter(&self, bucket: &Bucket) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = limiters.get(bucket) {
            return known.clone();
        }
        let rate = bucket.rate(self.sharers);
        let quota = Quota::with_period(rate.period).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN));
        let limiter = Arc::new(RateLimiter::direct_with_clock(quota.allow_burst(rate.burst), self.clock.clone()));
        if self.starts_empty {
            // It has just been filled, so that this cannot fail.
            let _ = limiter.check_n(rate.burst);
        }
        limiters.insert(bucket.clone(), limiter.clone());
        limiter
    }
}
