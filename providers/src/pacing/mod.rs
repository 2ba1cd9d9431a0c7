//! How fast we may call: buckets of quota units by (provider, scope, class), shared by every clone of a client, and
//! scopes a cloud has told us to leave alone for a while. A short wait is slept here; a long one is an error that says
//! how long, so that a worker can do something else. Several processes share their buckets in a store; while that is
//! away each uses its part of them.

mod bucket;
mod clock;
mod local;
mod marks;
mod shared;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Error, ErrorKind, Result, Retry};
pub use bucket::{Bucket, Rate, Toll};
pub use clock::Clock;
use local::Local;
use marks::Marks;
pub use marks::{BACK_PER_MINUTE, Refusal, SLOWER, SLOWEST, TOGETHER};
pub use shared::{Answer, Due, Gone, Shared};

/// Longer waits than this are handed back instead of slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);
/// How many processes are taken to divide the allowance when the store was away from the beginning.
const UNKNOWN: u32 = 8;

/// Clones share one state.
#[derive(Clone)]
pub struct Pacing {
    clock: Clock,
    marks: Marks,
    buckets: Buckets,
}

#[derive(Clone)]
enum Buckets {
    Alone(Arc<Local>),
    Shared { store: Arc<dyn Shared>, absence: Arc<Mutex<Absence>> },
}

/// What happened while the store was away.
#[derive(Default)]
struct Absence {
    /// Times that it went.
    times: u64,
    /// This process's part of the buckets, as long as it is away.
    local: Option<Arc<Local>>,
    /// After which absence each bucket was taken from last, there.
    joined: HashMap<String, u64>,
}

impl Pacing {
    /// Of the only process that calls.
    pub fn new(clock: Clock) -> Self {
        let marks = Marks::default();
        let buckets = Buckets::Alone(Arc::new(Local::alone(clock.clone(), marks.clone())));
        Self { clock, marks, buckets }
    }

    /// Of one of several.
    pub fn shared(clock: Clock, store: Arc<dyn Shared>) -> Self {
        Self { clock, marks: Marks::default(), buckets: Buckets::Shared { store, absence: Arc::default() } }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns when the call may be made. `RateLimited` with `Retry::After` when that is more than two seconds off.
    pub async fn acquire(&self, toll: &Toll) -> Result<()> {
        let mut patience = Patience { clock: &self.clock, left: LONGEST_SLEEP };
        match &self.buckets {
            Buckets::Alone(local) => self.acquire_here(local, toll, &mut patience).await,
            Buckets::Shared { store, absence } => {
                let mut units = toll.units;
                loop {
                    let wait = match self.marks.blocked(&self.clock, toll) {
                        Some(wait) => wait,
                        None => match take(&**store, absence, toll, units, patience.left).await {
                            Ok(Answer::Go(wait)) if wait.is_zero() => return Ok(()),
                            // Paid; but a cloud may say something while we sleep.
                            Ok(Answer::Go(wait)) => {
                                units = 0;
                                wait
                            }
                            Ok(Answer::Later(wait)) => wait,
                            Err(Gone) if units == 0 && toll.units > 0 => return Ok(()),
                            Err(Gone) => {
                                let local = self.part(&**store, absence);
                                return self.acquire_here(&local, toll, &mut patience).await;
                            }
                        },
                    };
                    patience.sleep(wait).await?;
                }
            }
        }
    }

    async fn acquire_here(&self, local: &Local, toll: &Toll, patience: &mut Patience<'_>) -> Result<()> {
        for bucket in &toll.buckets {
            while let Some(wait) = self.marks.blocked(&self.clock, toll).or_else(|| local.wait(bucket, toll.units)) {
                patience.sleep(wait).await?;
            }
        }
        Ok(())
    }

    /// This process's part, which it uses as long as the store is away.
    fn part(&self, store: &dyn Shared, absence: &Mutex<Absence>) -> Arc<Local> {
        let mut absence = lock(absence);
        let known = absence.local.clone();
        known.unwrap_or_else(|| {
            let sharers = store.processes().unwrap_or(UNKNOWN);
            let local = Arc::new(Local::share(self.clock.clone(), self.marks.clone(), sharers));
            absence.times += 1;
            absence.local = Some(local.clone());
            local
        })
    }

    /// Keeps every call that pays from `bucket` away for as long as a cloud asked, and slows all down when it complained
    /// about the pace. A longer wait already there stays; waits are cut to an hour.
    pub async fn refused(&self, bucket: &Bucket, refusal: Refusal) {
        self.marks.refused(&self.clock, &bucket.name(), refusal);
        if let Buckets::Shared { store, .. } = &self.buckets {
            // While it is away, the mark here is what is left.
            let _ = store.refused(bucket, refusal).await;
        }
    }

    /// A refusal that another process was given. `bucket` is its name.
    pub fn heard(&self, bucket: &str, refusal: Refusal) {
        self.marks.refused(&self.clock, bucket, refusal);
    }
}

/// Takes the toll in the store. What was saved up there while this process went without it is given up.
async fn take(
    store: &dyn Shared,
    absence: &Mutex<Absence>,
    toll: &Toll,
    units: u32,
    most: Duration,
) -> Result<Answer, Gone> {
    let (times, dues) = {
        let absence = lock(absence);
        let was_away = |bucket: &Bucket| {
            absence.times > 0 && absence.joined.get(&bucket.name()).copied().unwrap_or_default() < absence.times
        };
        let due = |bucket| Due { bucket, units, was_away: was_away(bucket) };
        (absence.times, toll.buckets.iter().map(due).collect::<Vec<_>>())
    };
    let answer = store.take(&dues, most).await?;
    let away: Vec<_> = dues.iter().filter(|due| due.was_away).map(|due| due.bucket.name()).collect();
    let mut absence = lock(absence);
    absence.local = None;
    absence.joined.extend(away.into_iter().map(|name| (name, times)));
    Ok(answer)
}

fn lock(absence: &Mutex<Absence>) -> MutexGuard<'_, Absence> {
    absence.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long one call may still be slept for.
struct Patience<'a> {
    clock: &'a Clock,
    left: Duration,
}

impl Patience<'_> {
    async fn sleep(&mut self, wait: Duration) -> Result<()> {
        let Some(left) = self.left.checked_sub(wait) else {
            let message = "the allowance for calls to this cloud is used up for the moment";
            return Err(Error::new(ErrorKind::RateLimited, message).with_retry(Retry::After(wait)));
        };
        self.left = left;
        self.clock.sleep(wait).await;
        Ok(())
    }
}

impl std::fmt::Debug for Pacing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if matches!(self.buckets, Buckets::Alone(_)) { "alone" } else { "shared" };
        write!(f, "Pacing({kind})")
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
        pacing.acquire(&toll(3, &[&mine])).await.expect("a burst");
        let before = pacing.clock().nanos();
        let error = pacing.acquire(&toll(3, &[&mine])).await.expect_err("a wait");
        assert_eq!(error.kind, ErrorKind::RateLimited);
        let Retry::After(wait) = error.retry else {
            panic!("no wait in {error:?}");
        };
        assert_eq!(wait.as_millis(), 3 * 60_000 / 58);
        assert_eq!(pacing.clock().nanos(), before, "it slept");
        pacing.clock().advance(wait);
        pacing.acquire(&toll(3, &[&mine])).await.expect("after the wait");
    }

    #[tokio::test]
    async fn a_blocked_scope_stays_away_and_others_go_on() {
        let pacing = pacing();
        let (mine, theirs) = (bucket(Some("c"), 6000), bucket(Some("d"), 6000));
        for seconds in [30, 3] {
            let refusal = Refusal { wait: Some(Duration::from_secs(seconds)), is_pace: false };
            pacing.refused(&mine, refusal).await;
        }
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
        let shared = bucket(None, 120);
        for scope in ["c", "d"] {
            let mine = bucket(Some(scope), 6000);
            pacing.acquire(&toll(3, &[&mine, &shared])).await.expect("within the burst");
        }
        let mine = bucket(Some("e"), 6000);
        let error = pacing.acquire(&toll(6, &[&mine, &shared])).await;
        assert_eq!(error.expect_err("used up").kind, ErrorKind::RateLimited);
    }

    #[tokio::test]
    async fn a_call_dearer_than_the_burst_is_late_but_not_refused_for_ever() {
        let pacing = pacing();
        let mine = bucket(Some("c"), 60);
        pacing.acquire(&toll(500, &[&mine])).await.expect("pays the burst");
    }
}
