//! apalis as the runtime: one worker per class, fed by a stream that claims due rows as slots come free.
//! The rows stay the truth; apalis never stores, retries or orders anything.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use apalis::prelude::*;
use futures::future::{AbortHandle, Abortable};
use hawser_domain::{
    App,
    entity::job::JobClass,
    job::{self, Claimed, Outcome},
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{
    finisher::Finisher,
    indexer, run, schedule,
    supply::{self, Supply},
};

/// How long running jobs may take to end at shutdown before they are handed back.
const DRAIN: Duration = Duration::from_secs(20);

/// How many jobs of each class run at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Slots {
    pub interactive: usize,
    pub sync: usize,
    pub heavy: usize,
}

impl Slots {
    /// Spreads `total` so that every class has at least one.
    pub fn spread(total: usize) -> Self {
        let part = |share: usize| (total * share / 8).max(1);
        Self { interactive: part(2), sync: part(4), heavy: part(2) }
    }
}

/// The workers of one process.
#[derive(Debug)]
pub struct Workers {
    lane: Arc<Lane>,
    monitor: MonitorContext,
    monitor_task: JoinHandle<()>,
    finisher_task: JoinHandle<()>,
    background: Vec<JoinHandle<()>>,
}

/// What the jobs of one process share.
#[derive(Debug)]
struct Lane {
    app: Arc<App>,
    /// Unique to this start of this process: leases are told apart by it.
    name: String,
    running: Mutex<HashMap<Uuid, AbortHandle>>,
}

impl Workers {
    pub fn start(app: Arc<App>, slots: Slots) -> Self {
        let name = format!("{}-{}", std::process::id(), app.randomness.id(app.clock.now()).simple());
        let lane = Arc::new(Lane { app: app.clone(), name, running: Mutex::default() });
        let (finisher, finisher_task) = Finisher::start(app.clone());
        let mut monitor = Monitor::new().should_restart(|_, _| true);
        let mut supplies = Vec::new();
        let classes =
            [(JobClass::Interactive, slots.interactive), (JobClass::Sync, slots.sync), (JobClass::Heavy, slots.heavy)];
        for (class, slots) in classes {
            let (lane, finisher) = (lane.clone(), finisher.clone());
            let supply = Supply::new(app.clone(), lane.name.clone(), class, slots);
            supplies.push(supply.clone());
            monitor = monitor.register(move |restarts| {
                let handler = Handler { lane: lane.clone(), finisher: finisher.clone(), supply: supply.clone() };
                WorkerBuilder::new(format!("{}-{class:?}-{restarts}", lane.name))
                    .backend(supply.clone().stream())
                    .data(handler)
                    .concurrency(slots)
                    .catch_panic()
                    .parallelize(tokio::spawn)
                    .build(handle)
            });
        }
        drop(finisher);
        let context = monitor.context();
        let monitor_task = tokio::spawn(async move {
            if let Err(error) = monitor.run().await {
                tracing::error!(%error, "the worker monitor ended");
            }
        });
        let background = vec![
            tokio::spawn(beat(lane.clone(), supplies.clone())),
            tokio::spawn(schedule::run(app.clone())),
            tokio::spawn(indexer::run(app.clone())),
            tokio::spawn(schedule::keep_up(app)),
            tokio::spawn(supply::watch(supplies)),
        ];
        Self { lane, monitor: context, monitor_task, finisher_task, background }
    }

    /// Stops claiming, lets running jobs end for a while, hands back the rest.
    pub async fn stop(self) {
        self.stop_within(DRAIN).await;
    }

    /// Like `stop`, with the time running jobs get.
    pub async fn stop_within(self, patience: Duration) {
        for task in &self.background[1..] {
            task.abort();
        }
        if let Err(error) = self.monitor.shutdown() {
            tracing::error!(%error, "the worker monitor did not take the order to stop");
        }
        let mut monitor = self.monitor_task;
        if tokio::time::timeout(patience, &mut monitor).await.is_err() {
            monitor.abort();
        }
        for task in self.background {
            task.abort();
        }
        let left: Vec<_> = self.lane.running().drain().collect();
        for (_, handle) in left {
            handle.abort();
        }
        let _ = tokio::time::timeout(Duration::from_secs(5), self.finisher_task).await;
        match job::hand_back(&self.lane.app, &self.lane.name).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "handed unfinished jobs back"),
            Err(error) => tracing::error!(%error, "cannot hand jobs back; their leases will run out"),
        }
    }
}

impl Lane {
    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone)]
struct Handler {
    lane: Arc<Lane>,
    finisher: Finisher,
    supply: Arc<Supply>,
}

async fn handle(job: Claimed, handler: Data<Handler>) {
    let (abort, registration) = AbortHandle::new_pair();
    let id = job.row.id;
    handler.lane.running().insert(id, abort);
    let app = handler.lane.app.clone();
    let outcome = match Abortable::new(run::run(&app, &job), registration).await {
        Ok(outcome) => outcome,
        Err(_) => Some(Outcome::Cancelled),
    };
    let stopped = handler.lane.running().remove(&id).is_none();
    handler.supply.ended(&job);
    if let Some(outcome) = outcome.filter(|_| !stopped) {
        handler.finisher.end(job, outcome).await;
    }
}

/// Signs of life for what runs here, and the reaper for what runs nowhere any more.
async fn beat(lane: Arc<Lane>, supplies: Vec<Arc<Supply>>) {
    let app = &lane.app;
    let mut every = tokio::time::interval(Duration::from_secs(app.config.lease_seconds) / 3);
    loop {
        every.tick().await;
        let mut held: Vec<_> = supplies.iter().flat_map(|supply| supply.waiting_ids()).collect();
        held.extend(lane.running().keys());
        match job::beat(app, &lane.name, &held).await {
            Ok(cancelled) => {
                let running = lane.running();
                cancelled.iter().filter_map(|id| running.get(id)).for_each(AbortHandle::abort);
            }
            Err(error) => tracing::error!(%error, "cannot extend leases"),
        }
        match job::reap(app).await {
            Ok(reaped) if reaped != job::Reaped::default() => tracing::warn!(?reaped, "jobs of lost workers"),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "cannot reap lost jobs"),
        }
    }
}
