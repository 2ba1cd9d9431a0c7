//! What is counted, and how much of it a minute may see.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

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

impl Bucket {
    /// The same in every process.
    pub fn name(&self) -> String {
        format!("{}:{}:{}", self.provider, self.scope.as_deref().unwrap_or("*"), self.class)
    }

    /// What it yields when `sharers` divide it among themselves.
    pub fn rate(&self, sharers: u32) -> Rate {
        let (per_minute, sharers) = (self.per_minute.max(1), sharers.max(1));
        if per_minute < sharers {
            let nanos = 60_000_000_000_u64.saturating_mul(sharers.into()).div_ceil(per_minute.into());
            return Rate { burst: NonZeroU32::MIN, period: Duration::from_nanos(nanos) };
        }
        let per_minute = per_minute / sharers;
        let burst = NonZeroU32::new(per_minute / 20).unwrap_or(NonZeroU32::MIN);
        // The first of the burst and the first of the spread units are the same one.
        let spread = per_minute - burst.get() + 1;
        Rate { burst, period: Duration::from_nanos(60_000_000_000_u64.div_ceil(u64::from(spread))) }
    }
}

/// A twentieth of the minute's units at once and the rest spread over the minute: no sixty seconds, wherever they begin,
/// see more than the minute's units, and whoever is always busy uses nineteen of twenty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: NonZeroU32,
    /// One unit comes back after so long.
    pub period: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(per_minute: u32) -> Bucket {
        Bucket { provider: "p".into(), scope: None, class: "units", per_minute }
    }

    /// The most that sixty seconds can see: all that was saved up, and what comes back before they are over.
    fn most(per_minute: u32, sharers: u32) -> u64 {
        let rate = bucket(per_minute).rate(sharers);
        let back = (Duration::from_secs(60).as_nanos() - 1) / rate.period.as_nanos();
        u64::from(rate.burst.get()) + u64::try_from(back).unwrap()
    }

    #[test]
    fn no_minute_yields_more_than_the_limit_nor_much_less() {
        for per_minute in [1, 2, 10, 19, 20, 21, 60, 100, 999, 12_000, 325_000, 1_000_000] {
            let most = most(per_minute, 1);
            // Periods are whole nanoseconds.
            assert!(most <= u64::from(per_minute) + u64::from(per_minute) / 1_000, "{per_minute}: {most}");
            assert!(most >= u64::from(per_minute) - u64::from(per_minute) / 1_000, "{per_minute}: {most}");
            let part = bucket(per_minute).rate(4);
            assert!(per_minute < 4 || 4 * self::most(per_minute, 4) <= u64::from(per_minute));
            assert!(per_minute >= 4 || part.period >= Duration::from_secs(60));
        }
    }
}
