//! What supervisors hear: the process lives, whether it can serve, and what it does without.

use std::net::TcpListener;

use hawser_migration::{Migrator, MigratorTrait};
use hawser_tests::{Bucket, House, Served, program};
use sea_orm::ConnectionTrait;

async fn ask(served: &Served, path: &str) -> (u16, String) {
    let answer = served.http.get(format!("{}{path}", served.url)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn steps() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

#[tokio::test]
async fn a_house_with_all_its_parts_is_live_and_ready_at_both_addresses() {
    let house = House::start().await;
    house.app.readiness.expect(steps());
    let served = house.serve().await;
    for path in ["/live", "/health/live"] {
        assert_eq!(ask(&served, path).await, (200, "alive\n".to_owned()));
    }
    for path in ["/ready", "/health/ready"] {
        assert_eq!(ask(&served, path).await, (200, "ready\n".to_owned()));
    }
    assert_eq!(ask(&served, "/metrics").await.0, 404, "not for everybody");
}

#[tokio::test]
async fn a_house_whose_tables_lack_a_step_is_not_ready_and_says_what_to_do() {
    let house = House::start().await;
    house.app.readiness.expect(steps().into_iter().chain(["m999_of_tomorrow".to_owned()]).collect());
    let served = house.serve().await;
    let (status, said) = ask(&served, "/ready").await;
    assert_eq!(status, 503);
    assert!(said.starts_with("not ready\nfault: the tables are not up to date; run `hawser migrate`"), "{said}");
    assert_eq!(ask(&served, "/live").await.0, 200, "it need not be started again");
}

#[tokio::test]
async fn a_house_whose_database_is_gone_is_not_ready_but_live() {
    let house = House::start().await;
    let served = house.serve().await;
    assert_eq!(ask(&served, "/ready").await.0, 200);
    let db = house.app.database.maintenance();
    db.execute_unprepared("ALTER TABLE seaql_migrations RENAME TO lost").await.unwrap();
    let (status, said) = ask(&served, "/ready").await;
    assert_eq!((status, said.as_str()), (503, "not ready\nfault: the database does not answer\n"));
    assert_eq!(ask(&served, "/live").await.0, 200);
    db.execute_unprepared("ALTER TABLE lost RENAME TO seaql_migrations").await.unwrap();
    assert_eq!(ask(&served, "/ready").await.0, 200, "and back");
}

#[tokio::test]
async fn without_redis_blobs_and_search_a_house_is_ready_warns_and_counts_them_as_down() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = nobody.local_addr().unwrap();
    drop(nobody);
    let bucket = Bucket::start();
    let house = House::with(|config| {
        bucket.furnish(config, "one");
        config.blob_url = Some(Bucket::url_at(&format!("http://{nowhere}"), "one"));
        config.redis_url = Some(format!("redis://{nowhere}").into());
        config.elasticsearch_url = Some(format!("http://{nowhere}").into());
    })
    .await;
    let served = house.serve().await;
    let (status, said) = ask(&served, "/ready").await;
    assert_eq!(status, 200);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "ready");
    assert!(lines.iter().any(|line| line.starts_with("warning: Redis does not answer")), "{said}");
    assert!(lines.contains(&"warning: the store of blobs does not answer"), "{said}");
    assert!(lines.contains(&"warning: the search engine does not answer; nothing can be searched"), "{said}");
    let told = hawser_domain::metric::scrape(&house.app).await.unwrap();
    for part in ["redis", "blobs", "search"] {
        assert!(told.contains(&format!("\nhawser_{part}_up 0\n")), "{part}: {told}");
    }
}

#[tokio::test]
async fn a_house_that_is_leaving_says_so_at_once() {
    let house = House::start().await;
    let served = house.serve().await;
    assert_eq!(ask(&served, "/ready").await.0, 200);
    house.app.readiness.leave();
    assert_eq!(ask(&served, "/ready").await.0, 503, "no answer of a moment ago");
}

#[tokio::test]
async fn the_program_asks_for_health_and_fails_where_there_is_none() {
    let house = House::start().await;
    let served = house.serve().await;
    let asked = async |url: &str| {
        tokio::process::Command::new(program()).args(["health", url]).env_clear().output().await.unwrap()
    };
    let healthy = asked(&format!("{}/ready", served.url)).await;
    assert!(healthy.status.success(), "{healthy:?}");
    assert_eq!(String::from_utf8_lossy(&healthy.stdout).lines().next(), Some("ready"));
    house.app.readiness.leave();
    let leaving = asked(&format!("{}/ready", served.url)).await;
    assert_eq!(leaving.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&leaving.stderr).contains("about to end"), "{leaving:?}");
}
