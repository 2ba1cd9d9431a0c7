//! The bell over Redis: workers begin at once, and where Redis is slow to come back, was emptied or has too little room,
//! they begin a little later. Nothing waits for ever.

use std::time::Duration;

use hawser_domain::{
    entity::job::{JobClass, JobState},
    job::{Bell, Heard, New, Work},
    principal::Actor,
};
use hawser_tests::{House, Server};
use hawser_workers::{Slots, Workers};
use secrecy::SecretString;
use uuid::Uuid;

use crate::job::{queue, state};

const PATIENCE: Duration = Duration::from_secs(60);
const BY_BELL: &str = "hawser_jobs_claimed_total{by=\"bell\"}";
const BY_TABLE: &str = "hawser_jobs_claimed_total{by=\"table\"}";

fn quiet() -> New {
    New::now(Work::Probe { note: false })
}

async fn until_done(house: &House, id: Uuid) {
    let mut news = house.app.news.subscribe();
    let done = async {
        while state(house, id).await.state != JobState::Done {
            news.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("the job gets done");
}

/// Queues jobs until one was claimed as it was rung, without a look at the table.
async fn until_the_bell_is_heard(house: &House) {
    let heard = async {
        loop {
            let before = (house.counted(BY_BELL).await, house.counted(BY_TABLE).await);
            until_done(house, queue(house, quiet()).await).await;
            if house.counted(BY_BELL).await > before.0 && house.counted(BY_TABLE).await == before.1 {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("the bell is heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask test --column cluster"]
async fn jobs_are_done_while_redis_is_gone_and_the_bell_is_heard_again_when_it_is_back() {
    let mut redis = Server::redis();
    let house = House::with(|config| config.redis_url = Some(SecretString::from(redis.url()))).await;
    let workers = Workers::start(house.app.clone(), Slots::spread(8));
    until_the_bell_is_heard(&house).await;
    redis.kill();
    for _ in 0..5 {
        until_done(&house, queue(&house, quiet()).await).await;
    }
    redis.restart();
    until_the_bell_is_heard(&house).await;
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
    until_the_bell_is_heard(&house).await;
    workers.stop().await;
    house.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask test --column cluster"]
async fn a_list_holds_2000_ids_and_what_it_has_no_room_for_is_done_all_the_same() {
    let house = House::start().await;
    let app = &house.app;
    let mut w = app.write(Actor::System).await.unwrap();
    let mut last = Uuid::nil();
    for _ in 0..2500 {
        last = w.queue(quiet()).await.unwrap();
    }
    w.commit().await.unwrap();
    let redis = app.redis.clone().unwrap();
    let mut length = redis::cmd("LLEN");
    length.arg(redis.key("bell:sync"));
    let mut every = tokio::time::interval(Duration::from_millis(10));
    let rung = async {
        while redis.ask::<usize>(&length).await.unwrap_or_default() == 0 {
            every.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, rung).await.expect("the bell is rung");
    assert_eq!(redis.ask::<usize>(&length).await.unwrap(), 2000);
    let workers = Workers::start(app.clone(), Slots::spread(8));
    until_done(&house, last).await;
    workers.stop().await;
    house.drain().await;
}

#[tokio::test]
async fn a_bell_without_redis_says_look_and_keeps_a_ring_for_whoever_comes_next() {
    let bell = Bell::new(None);
    bell.ring(vec![(JobClass::Sync, Uuid::from_u128(1))]);
    let heard = bell.listen(JobClass::Sync).wait(5, Duration::from_secs(3600)).await;
    assert_eq!(heard, Heard::Look);
}
