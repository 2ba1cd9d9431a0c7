//! How fast a client may speak: a bucket that holds a burst and fills steadily. What comes faster is not refused but left
//! on the wire, so that it slows its sender down and takes no memory here.

use std::time::Duration;

use tokio::time::Instant;

/// Messages that may come at once.
const BURST: u32 = 1_000;
/// How long one of them takes to be made good.
const EACH: Duration = Duration::from_millis(5);

#[derive(Debug)]
pub struct Pace {
    /// When the bucket would be full again, as if it filled without end.
    full_at: Instant,
    burst: u32,
    each: Duration,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self::of(now, BURST, EACH)
    }

    pub fn of(now: Instant, burst: u32, each: Duration) -> Self {
        Self { full_at: now, burst, each }
    }

    /// Counts a message.
    pub fn count(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.each;
    }

    /// When the next message may be read.
    pub fn next_at(&self) -> Option<Instant> {
        self.full_at.checked_sub(self.each * self.burst.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_what_follows_waits_for_its_share() {
        let start = Instant::now() + Duration::from_secs(3600);
        let each = Duration::from_millis(10);
        let mut pace = Pace::of(start, 3, each);
        for number in 0..3 {
            assert!(pace.next_at().unwrap() <= start, "message {number}");
            pace.count(start);
        }
        assert_eq!(pace.next_at().unwrap(), start + each, "the fourth");
        pace.count(start + each);
        assert_eq!(pace.next_at().unwrap(), start + each * 2, "the fifth");
        let later = start + Duration::from_secs(9);
        pace.count(later);
        assert!(pace.next_at().unwrap() < later, "a rest makes good for a burst, and for no more than one");
        pace.count(later);
        pace.count(later);
        assert_eq!(pace.next_at().unwrap(), later + each);
    }
}
