//! Due jobs as a stream: as many as can begin now. While jobs end within an instant, also those that will begin in the
//! next instant are claimed, so that one commit serves many; slower work is claimed slot by slot.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use hawser_domain::{
    App, Error,
    entity::job::JobClass,
    job::{self, Claimed, Heard, Listener, Outcome, Room},
};
use tokio::time::Instant;
use uuid::Uuid;

/// The longest an idle worker goes without a look at the table, should a bell be missed.
const IDLE: Duration = Duration::from_secs(1);
/// What is claimed ahead begins within about this time, if the jobs after are like those before.
const AHEAD: Duration = Duration::from_millis(50);
/// Claimed in one commit at most.
const MOST: usize = 256;
/// When the jobs after are not like those before: whatever has not begun for so long is given back to the queue.
const STALE: Duration = Duration::from_secs(1);

/// The jobs of one class on their way to their slots.
#[derive(Debug)]
pub struct Supply {
    app: Arc<App>,
    worker: String,
    class: JobClass,
    slots: usize,
    free: AtomicUsize,
    /// A job under which a worker died is here: no other such comes beside it.
    has_suspect: AtomicBool,
    waiting: Mutex<Waiting>,
    ear: tokio::sync::Mutex<Ear>,
}

/// How the next job is heard of.
#[derive(Debug)]
struct Ear {
    listener: Listener,
    /// The table had something the last time, so it is asked again before the bell.
    looks: bool,
    looked: Instant,
    /// Ids taken off the list for which the table is asked.
    passed: usize,
}

/// Claimed, and not begun yet.
#[derive(Debug)]
struct Waiting {
    jobs: VecDeque<Claimed>,
    since: Instant,
    /// Begun since then.
    begun: usize,
}

impl Supply {
    pub fn new(app: Arc<App>, worker: String, class: JobClass, slots: usize) -> Arc<Self> {
        let waiting = Mutex::new(Waiting { jobs: VecDeque::new(), since: Instant::now(), begun: 0 });
        let ear = Ear { listener: app.bell.listen(class), looks: true, looked: Instant::now(), passed: 0 };
        let (free, ear) = (AtomicUsize::new(slots), tokio::sync::Mutex::new(ear));
        Arc::new(Self { app, worker, class, slots, free, has_suspect: AtomicBool::new(false), waiting, ear })
    }

    /// Jobs as they can be taken on. Errors of the database stay in here: apalis never sees one, so it never ends a worker.
    pub fn stream(self: Arc<Self>) -> BoxStream<'static, Result<Claimed, Infallible>> {
        stream::unfold(self, |supply| async move { Some((Ok(supply.next().await), supply)) }).boxed()
    }

    /// Says that a job has left its slot.
    pub fn ended(&self, job: &Claimed) {
        self.free.fetch_add(1, Ordering::AcqRel);
        if job.is_suspect() {
            self.cleared();
        }
    }

    async fn next(&self) -> Claimed {
        let mut ear = self.ear.lock().await;
        loop {
            if let Some(job) = self.begin() {
                return job;
            }
            match self.claim(&mut ear).await {
                Ok(claimed) => {
                    if claimed.iter().any(Claimed::is_suspect) {
                        self.has_suspect.store(true, Ordering::Release);
                    }
                    *self.waiting() = Waiting { jobs: claimed.into(), since: Instant::now(), begun: 0 };
                }
                Err(error) => {
                    tracing::error!(%error, class = ?self.class, "cannot claim jobs, trying again");
                    ear.looks = true;
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Claims from the table as long as there is something, and once a second; else what the bell names. More than there is
    /// room for is not claimed as it was rung, but from the table, in the order of the queue.
    async fn claim(&self, ear: &mut Ear) -> Result<Vec<Claimed>, Error> {
        let slots = self.free.load(Ordering::Acquire).max(1);
        let ahead = self.ahead();
        let (app, worker, class) = (&self.app, &self.worker, self.class);
        if !ear.looks && ear.looked.elapsed() < IDLE {
            let heard = ear.listener.wait(slots + ahead, IDLE).await;
            match heard {
                Heard::Ids(ids) if ids.len() < slots + ahead => {
                    return job::claim_these(app, worker, class, &ids).await;
                }
                Heard::Ids(ids) => ear.passed = ids.len(),
                Heard::Look => {}
            }
        }
        let room = Room { slots, ahead, suspect: !self.has_suspect.load(Ordering::Acquire) };
        let claimed = job::claim_next(app, worker, class, room).await?;
        app.bell.pass(class, claimed.len().saturating_sub(std::mem::take(&mut ear.passed)));
        (ear.looks, ear.looked) = (!claimed.is_empty(), Instant::now());
        Ok(claimed)
    }

    fn begin(&self) -> Option<Claimed> {
        let mut waiting = self.waiting();
        let job = waiting.jobs.pop_front()?;
        waiting.begun += 1;
        self.free.fetch_sub(1, Ordering::AcqRel);
        Some(job)
    }

    /// How many more than fit the free slots: what the pace since the last claim gets through in `AHEAD`.
    fn ahead(&self) -> usize {
        let waiting = self.waiting();
        pace(waiting.begun, waiting.since.elapsed(), self.slots)
    }

    /// Gives back what was claimed ahead and has waited too long, for whoever has a slot, and for what became more urgent.
    pub async fn give_back(&self) {
        let stale: Vec<_> = {
            let mut waiting = self.waiting();
            if waiting.since.elapsed() < STALE {
                return;
            }
            waiting.jobs.drain(..).map(|job| (job, Outcome::NotBegun)).collect()
        };
        if stale.is_empty() {
            return;
        }
        if let Err(error) = job::finish_many(&self.app, &stale).await {
            tracing::error!(%error, jobs = stale.len(), "cannot give jobs back");
            self.waiting().jobs.extend(stale.into_iter().map(|(job, _)| job));
        } else if stale.iter().any(|(job, _)| job.is_suspect()) {
            self.cleared();
        }
    }

    /// The suspect that was here is gone: the next one may come.
    fn cleared(&self) {
        self.has_suspect.store(false, Ordering::Release);
        self.app.bell.nudge(self.class);
    }

    /// What was claimed and has not begun.
    pub fn waiting_ids(&self) -> Vec<Uuid> {
        self.waiting().jobs.iter().map(|job| job.row.id).collect()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing ahead unless a slot is through with several jobs in that time.
fn pace(begun: usize, took: Duration, slots: usize) -> usize {
    let micros = took.as_micros().max(1);
    let ahead = usize::try_from(begun as u128 * AHEAD.as_micros() / micros).unwrap_or(MOST).min(MOST);
    if ahead > 2 * slots { ahead } else { 0 }
}

/// Looks after what waits too long, until dropped.
pub async fn watch(supplies: Vec<Arc<Supply>>) {
    let mut every = tokio::time::interval(STALE);
    loop {
        every.tick().await;
        for supply in &supplies {
            supply.give_back().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quick_jobs_are_claimed_ahead_and_never_too_many() {
        let millis = Duration::from_millis;
        assert_eq!(pace(4, millis(2), 4), 100);
        assert_eq!(pace(200, millis(2), 4), MOST);
        assert_eq!(pace(4, millis(100), 4), 0, "a tenth of a second each is claimed slot by slot");
        assert_eq!(pace(4, millis(25), 4), 0);
        assert_eq!(pace(0, Duration::ZERO, 4), 0);
        assert_eq!(pace(usize::MAX, Duration::ZERO, 4), MOST);
    }
}
