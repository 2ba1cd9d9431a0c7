//! The kill loop, short: a hundred cycles of it at every run of the tests that has servers.

use std::time::Duration;

use hawser_tests::chaos::{self, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and Redis: cargo xtask test --column cluster"]
async fn a_hundred_kills_of_workers_servers_and_redis_lose_and_repeat_no_effect_of_5000_jobs() {
    // On the embedded column there is one process and no Redis; twenty kills of that are in worker.rs.
    let plan = Plan { cycles: 100, jobs: 5000, away: Duration::from_secs(60), seed: 6 };
    println!("{}", chaos::run(&plan).await);
}
