//! The kill loop: real `hawser worker` and `hawser api` processes on a PostgreSQL and a Redis of their own, killed at random
//! while jobs are queued. The audit is the ledger: a job that ran to its end has one line in it, in the transaction of its end.

mod crew;
mod ledger;

use std::time::{Duration, Instant};

use hawser_domain::{
    App,
    job::{New, Work},
    principal::Actor,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crew::Crew;
use ledger::Ledger;
pub use ledger::Report;

/// Workers at a time.
const WORKERS: usize = 3;
/// Jobs of one transaction.
const TOGETHER: usize = 10;
/// A lease: the shortest that a busy machine keeps.
const LEASE: Duration = Duration::from_secs(4);
/// Jobs that never end by themselves; whatever runs one is killed.
const KILLERS: usize = 2;
/// How old a job may be after the last kill.
const HEALED: Duration = Duration::from_secs(90);

#[derive(Debug, Clone)]
pub struct Plan {
    pub cycles: usize,
    pub jobs: usize,
    /// How long Redis is away, once.
    pub away: Duration,
    pub seed: u64,
}

/// Runs the plan, and panics where a promise is broken.
pub async fn run(plan: &Plan) -> Report {
    let mut random = StdRng::seed_from_u64(plan.seed);
    let mut crew = Crew::muster(WORKERS, LEASE).await;
    let app = crew.app();
    let mut ledger = Ledger::new(plant(&app).await);
    let began = Instant::now();
    let mut away: Option<Instant> = None;
    for cycle in 0..plan.cycles {
        let due = plan.jobs * (cycle + 1) / plan.cycles;
        produce(&app, &mut ledger, &mut random, due).await;
        crew.kill_whoever_runs(&mut ledger).await;
        wait(Duration::from_millis(random.random_range(20..=400))).await;
        if cycle == plan.cycles * 2 / 3 {
            crew.redis.kill();
            away = Some(Instant::now());
        }
        if away.is_some_and(|since| since.elapsed() >= plan.away) && !crew.redis.is_running() {
            crew.redis.restart();
        }
        match random.random_range(0..100) {
            // As many as one in ten of the workers' deaths is a sleep that outlasts the lease.
            0..7 => crew.stun(&mut random, LEASE + Duration::from_secs(2)).await,
            7..70 => crew.kill_a_worker(&mut random, &mut ledger).await,
            70..90 => crew.kill_the_api(),
            _ if !crew.redis.is_running() => {}
            90..95 => crew.flush_redis().await,
            _ => crew.kill_redis(),
        }
    }
    while away.is_some_and(|since| since.elapsed() < plan.away) {
        wait(Duration::from_millis(100)).await;
    }
    if !crew.redis.is_running() {
        crew.redis.restart();
    }
    let killing = began.elapsed();
    let last = Instant::now();
    while ledger.waiting(&app).await > 0 {
        assert!(
            last.elapsed() < HEALED,
            "{} jobs still wait {HEALED:?} after the last kill",
            ledger.waiting(&app).await
        );
        crew.kill_whoever_runs(&mut ledger).await;
        wait(Duration::from_millis(100)).await;
    }
    let healed = last.elapsed();
    ledger.clear_the_innocent(&app).await;
    let report = ledger.check(&app, &crew, plan, killing, healed).await;
    crew.dismiss();
    report
}

/// Adds jobs until there are `due` committed ones; one transaction in twenty is rolled back.
async fn produce(app: &App, ledger: &mut Ledger, random: &mut StdRng, due: usize) {
    while ledger.committed.len() < due {
        let mut w = app.write(Actor::System).await.expect("PostgreSQL is not killed here");
        let mut ids = Vec::with_capacity(TOGETHER);
        for _ in 0..TOGETHER {
            let account = Uuid::from_u128(random.random_range(1..=10));
            let work = Work::Drill { millis: random.random_range(0..=10) };
            let new = New { owner_id: Some(account), ..New::now(work) };
            ids.push(w.queue(new).await.expect("a job is added"));
        }
        if random.random_bool(0.05) {
            w.rollback().await.expect("a transaction is given up");
            ledger.rolled_back.extend(ids);
        } else {
            w.commit().await.expect("a transaction is committed");
            ledger.committed.extend(ids);
        }
    }
}

async fn plant(app: &App) -> Vec<Uuid> {
    let mut w = app.write(Actor::System).await.expect("a transaction");
    let mut killers = Vec::new();
    for _ in 0..KILLERS {
        killers.push(w.queue(New::now(Work::Drill { millis: 3_600_000 })).await.expect("a job is added"));
    }
    w.commit().await.expect("a transaction is committed");
    killers
}

/// The killer's own pace: nothing is expected to have happened afterwards.
async fn wait(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}
