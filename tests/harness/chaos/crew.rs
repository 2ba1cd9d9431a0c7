//! Who is killed: workers, an API and the servers behind them. Only children of this process.

use std::{
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use hawser_domain::{App, entity::job};
use rand::{Rng, rngs::StdRng};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::ledger::Ledger;
use crate::{
    Server,
    fleet::{Fleet, Process},
};

pub struct Crew {
    pub fleet: Fleet,
    pub redis: Server,
    pub kills: Kills,
    workers: Vec<Sailor>,
    api: Option<Process>,
    _postgres: Server,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Kills {
    pub workers: usize,
    pub apis: usize,
    pub redis: usize,
    pub flushes: usize,
    pub stunned: usize,
    pub by_killers: usize,
}

struct Sailor {
    process: Process,
    /// Wakes it up, and ends.
    waker: Option<Child>,
}

impl Sailor {
    /// Whether it has been woken again, or was never stunned.
    fn is_awake(&mut self) -> bool {
        self.waker.as_mut().is_none_or(|waker| waker.try_wait().expect("our own child is asked").is_some())
    }
}

impl Crew {
    pub async fn muster(workers: usize, lease: Duration) -> Self {
        let (postgres, redis) = (Server::postgres(), Server::durable_redis());
        let fleet = Fleet::found(&postgres.url(), &redis.url(), lease).await;
        let hire = |at| Sailor { process: fleet.start("worker", at), waker: None };
        let (crew, api) = ((0..workers).map(hire).collect(), Some(fleet.start("api", workers)));
        Self { fleet, redis, kills: Kills::default(), workers: crew, api, _postgres: postgres }
    }

    /// This process's own house: it adds jobs and looks at them.
    pub fn app(&self) -> Arc<App> {
        self.fleet.app.clone()
    }

    /// One that is awake: those asleep have their own part to play.
    pub async fn kill_a_worker(&mut self, random: &mut StdRng, ledger: &mut Ledger) {
        let at = random.random_range(0..self.workers.len());
        if self.workers[at].is_awake() {
            self.kill_worker(at, ledger).await;
            self.kills.workers += 1;
        }
    }

    async fn kill_worker(&mut self, at: usize, ledger: &mut Ledger) {
        self.workers[at].process.kill();
        ledger.died_under(held(&self.fleet.app, self.workers[at].process.0.id()).await);
        self.workers[at] = Sailor { process: self.fleet.start("worker", at), waker: None };
    }

    pub fn kill_the_api(&mut self) {
        if let Some(mut api) = self.api.take() {
            api.kill();
        }
        self.api = Some(self.fleet.start("api", self.workers.len()));
        self.kills.apis += 1;
    }

    /// Puts a worker to sleep; it wakes up when others have long taken its jobs over, and must not be believed. It may hold
    /// locks that all others wait for, this process too: so it is woken by a process of its own.
    pub async fn stun(&mut self, random: &mut StdRng, sleep: Duration) {
        let at = random.random_range(0..self.workers.len());
        if self.workers[at].is_awake() {
            let (pid, seconds) = (self.workers[at].process.0.id(), sleep.as_secs());
            let script = format!("kill -STOP {pid}; sleep {seconds}; kill -CONT {pid}");
            self.workers[at].waker = Some(Command::new("sh").args(["-c", &script]).spawn().expect("sh starts"));
            self.kills.stunned += 1;
        }
    }

    /// It starts again with what it had written down.
    pub fn kill_redis(&mut self) {
        self.redis.restart();
        self.kills.redis += 1;
    }

    pub async fn flush_redis(&mut self) {
        self.redis.flush().await;
        self.kills.flushes += 1;
    }

    /// A worker that runs a killer dies of it.
    pub async fn kill_whoever_runs(&mut self, ledger: &mut Ledger) {
        let running = job::Entity::find()
            .filter(job::Column::Id.is_in(ledger.killers.iter().copied()))
            .filter(job::Column::State.eq(job::JobState::Running))
            .all(self.fleet.app.database.read())
            .await
            .expect("PostgreSQL answers");
        for killer in running {
            let pid = killer.worker.as_deref().and_then(|name| name.split('-').next()?.parse().ok());
            if let Some(at) = self.workers.iter().position(|worker| Some(worker.process.0.id()) == pid)
                && self.workers[at].is_awake()
            {
                self.kill_worker(at, ledger).await;
                self.kills.by_killers += 1;
            }
        }
    }

    /// Tells all to stop and waits for it: none of them may stay behind.
    pub fn dismiss(mut self) {
        for waker in self.workers.iter_mut().filter_map(|sailor| sailor.waker.as_mut()) {
            waker.wait().expect("our own child ends");
        }
        let mut all: Vec<_> =
            self.workers.iter_mut().map(|sailor| &mut sailor.process).chain(self.api.as_mut()).collect();
        all.iter().for_each(|process| process.signal("TERM"));
        for process in &mut all {
            let status = process.end();
            assert!(status.success(), "told to stop, a process ended with {status}");
        }
    }
}

/// What a process holds: of a dead one, what died with it.
async fn held(app: &App, pid: u32) -> Vec<job::Model> {
    job::Entity::find()
        .filter(job::Column::Worker.starts_with(format!("{pid}-")))
        .filter(job::Column::State.eq(job::JobState::Running))
        .all(app.database.read())
        .await
        .expect("PostgreSQL answers")
}
