//! The numbers for those who run the house: each one moves when that happens which it counts, and only on the door of
//! operations.

use std::{net::TcpListener, time::Duration};

use hawser_domain::{
    connection,
    entity::job::JobClass,
    job::{self, New, Outcome, Work},
    metric,
    principal::Actor,
    search,
};
use hawser_sandbox::control::Fault;
use hawser_tests::{Heard, House, Scene, Served};
use sea_orm::ConnectionTrait;
use serde_json::json;

/// A number by its name and labels, as it is told.
async fn number(house: &House, line: &str) -> f64 {
    // What is kept from the last reading is old by now.
    house.clock.advance(Duration::from_secs(3600));
    read(&metric::scrape(&house.app).await.unwrap(), line)
}

fn read(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{line} is not in\n{text}")).parse().unwrap()
}

/// Like `number`, 0 where nothing was counted yet.
async fn count(house: &House, line: &str) -> f64 {
    house.clock.advance(Duration::from_secs(3600));
    house.counted(line).await
}

#[tokio::test]
async fn the_numbers_are_shown_on_the_door_of_operations_and_end_as_prometheus_wants_it() {
    let house = House::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = hawser_api::operations(house.app.clone(), listener).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let answer = reqwest::get(format!("{url}/metrics")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(read(&text, "hawser_process_resident_bytes") > 1_000_000.0);
    assert!(read(&text, "hawser_process_open_files") > 3.0);
    assert_eq!(read(&text, "hawser_redis_up"), 1.0);
    assert_eq!(read(&text, "hawser_blobs_up"), 1.0);
    assert_eq!(reqwest::get(format!("{url}/ready")).await.unwrap().text().await.unwrap(), "ready\n");
    assert_eq!(reqwest::get(format!("{url}/graphql")).await.unwrap().status(), 404);
    handle.stop(false).await;
}

#[tokio::test]
async fn operations_and_requests_are_counted_by_kind_and_outcome_and_never_by_what_they_say() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let served = house.serve().await;
    served.gql(&ann, "{ viewer { user { name } } }", json!({})).await;
    served.gql(&ann, "{ viewer { user { name } } }", json!({})).await;
    served.gql(&ann, "{ nothingOfTheKind }", json!({})).await;
    served.gql(&ann, "{ node(id: \"nonsense\") { id } }", json!({})).await;
    let text = metric::scrape(&house.app).await.unwrap();
    assert_eq!(read(&text, "hawser_graphql_operations_total{kind=\"query\",outcome=\"ok\"}"), 2.0);
    assert!(read(&text, "hawser_graphql_operation_seconds_count{kind=\"query\"}") >= 2.0);
    let refused = "hawser_graphql_operations_total{kind=\"unknown\",outcome=\"refused\"}";
    let errors = "hawser_graphql_operations_total{kind=\"query\",outcome=\"errors\"}";
    let failed: f64 = [refused, errors].iter().filter(|it| text.contains(**it)).map(|it| read(&text, it)).sum();
    assert_eq!(failed, 2.0, "{text}");
    assert!(read(&text, "hawser_http_requests_total{door=\"graphql\",status=\"2xx\"}") >= 2.0);
    assert!(read(&text, "hawser_http_request_seconds_count{door=\"graphql\"}") >= 4.0);
    assert!(!text.contains("nothingOfTheKind"), "{text}");
}

#[tokio::test]
async fn open_sockets_and_subscriptions_are_counted_until_they_end() {
    let scene = Scene::set().await;
    let (house, served) = (&scene.house, scene.house.serve().await);
    let (sockets, open) = ("hawser_graphql_sockets", "hawser_graphql_subscriptions");
    assert_eq!((number(house, sockets).await, number(house, open).await), (0.0, 0.0));
    let ann = house.person(scene.ann.id).await;
    let mut socket = signed_in(&served, &ann).await;
    assert_eq!(number(house, sockets).await, 1.0);
    socket.subscribe("1", "subscription { changes { __typename } }", json!({})).await;
    until(house, open, 1.0).await;
    assert_eq!(house.counted(NEWS).await, 0.0);
    scene.linked("news.txt", "text").await;
    loop {
        let heard = socket.hear().await;
        if matches!(&heard, Heard::Message(it) if it["type"] == "next") {
            break;
        }
    }
    assert!(house.counted(NEWS).await > 0.0);
    drop(socket);
    until(house, sockets, 0.0).await;
    until(house, open, 0.0).await;
}

async fn signed_in(served: &Served, ann: &hawser_tests::Person) -> hawser_tests::Socket {
    let mut socket = served.socket().await;
    socket.sign_in(ann).await;
    socket
}

const NEWS: &str = "hawser_change_news_seconds_count";

/// Waits for a fact that another task brings about.
async fn until(house: &House, line: &str, wanted: f64) {
    let reached = async {
        while house.counted(line).await != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reached).await.unwrap_or_else(|_| panic!("{line} is not {wanted}"));
}

#[tokio::test]
async fn jobs_are_counted_by_class_state_age_and_end() {
    let house = House::start().await;
    house.leave_jobs();
    let queued = "hawser_jobs{class=\"sync\",state=\"queued\"}";
    let age = "hawser_jobs_queued_age_p95_seconds{class=\"sync\"}";
    assert_eq!((number(&house, queued).await, number(&house, age).await), (0.0, 0.0));
    let mut w = house.app.write(Actor::System).await.unwrap();
    for _ in 0..40 {
        w.queue(New::now(Work::Probe { note: false })).await.unwrap();
    }
    w.commit().await.unwrap();
    assert_eq!(number(&house, queued).await, 40.0);
    assert!(number(&house, age).await >= 3600.0, "they wait since the clock moved");
    let claimed = job::claim(&house.app, "w", JobClass::Sync, 5).await.unwrap();
    assert_eq!(claimed.len(), 5);
    assert_eq!(number(&house, "hawser_jobs{class=\"sync\",state=\"running\"}").await, 5.0);
    assert_eq!(number(&house, "hawser_jobs_near_end").await, 5.0, "the clock ran away under them");
    let reaped = job::reap(&house.app).await.unwrap();
    assert_eq!(reaped.requeued, 5);
    assert_eq!(number(&house, "hawser_jobs_reaped_total{outcome=\"requeued\"}").await, 5.0);
    assert_eq!(number(&house, "hawser_jobs_claimed_total{by=\"table\"}").await, 5.0);
    assert_eq!(number(&house, queued).await, 40.0);
    assert_eq!(number(&house, "hawser_jobs_crashed").await, 5.0);
    let db = house.app.database.maintenance();
    db.execute_unprepared("UPDATE job SET state = 'dead'").await.unwrap();
    assert_eq!(number(&house, "hawser_jobs_dead{kind=\"probe\"}").await, 40.0);
    assert_eq!(number(&house, queued).await, 0.0);
}

#[tokio::test]
async fn runs_of_jobs_are_counted_by_how_they_ended() {
    let house = House::start().await;
    let done = "hawser_jobs_ended_total{kind=\"probe\",outcome=\"done\"}";
    assert_eq!(count(&house, done).await, 0.0);
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.queue(New::now(Work::Probe { note: false })).await.unwrap();
    w.queue(New::now(Work::Probe { note: true })).await.unwrap();
    w.commit().await.unwrap();
    house.drain().await;
    assert_eq!(count(&house, done).await, 2.0);
    assert_eq!(count(&house, "hawser_job_seconds_count{kind=\"probe\"}").await, 2.0);
}

#[tokio::test]
async fn every_way_in_which_a_run_ends_is_counted_apart() {
    let house = House::start().await;
    house.leave_jobs();
    let (error, code) = (|| "of a test".to_owned(), || "TEST".to_owned());
    let again = Outcome::Again { at: house.clock.now(), error: error(), code: code(), counts: false };
    let back = Outcome::Back { error: "of a test", code: "TEST" };
    let ends = [
        ("again", again),
        ("parked", Outcome::Park { error: error() }),
        ("dead", Outcome::Dead { error: error(), code: code() }),
        ("cancelled", Outcome::Cancelled),
        ("back", back),
        ("back", Outcome::NotBegun),
    ];
    for (word, outcome) in ends {
        let mut w = house.app.write(Actor::System).await.unwrap();
        w.queue(New::now(Work::Probe { note: false })).await.unwrap();
        w.commit().await.unwrap();
        let line = format!("hawser_jobs_ended_total{{kind=\"probe\",outcome=\"{word}\"}}");
        let before = house.counted(&line).await;
        let claimed = job::claim(&house.app, "w", JobClass::Sync, 1).await.unwrap().remove(0);
        job::finish_many(&house.app, &[(claimed, outcome)]).await.unwrap();
        assert_eq!(house.counted(&line).await, before + 1.0, "{word}");
        house.app.database.maintenance().execute_unprepared("DELETE FROM job").await.unwrap();
    }
}

#[tokio::test]
async fn the_log_the_index_and_commits_are_counted() {
    let scene = Scene::set().await;
    let house = &scene.house;
    search::catch_up(&house.app).await.unwrap();
    let (head, lag) = ("hawser_change_head", "hawser_search_lag");
    let (before, commits) = (number(house, head).await, count(house, "hawser_change_commit_seconds_count").await);
    assert_eq!(number(house, lag).await, 0.0);
    scene.linked("new.txt", "text").await;
    assert!(number(house, head).await > before);
    assert!(number(house, lag).await > 0.0);
    assert!(count(house, "hawser_change_commit_seconds_count").await > commits);
    search::catch_up(&house.app).await.unwrap();
    assert_eq!(number(house, lag).await, 0.0);
    assert_eq!(number(house, "hawser_search_position").await, number(house, head).await);
}

#[tokio::test]
async fn calls_to_clouds_renewals_and_waits_are_counted() {
    let scene = Scene::set().await;
    let (house, id) = (&scene.house, scene.connection.id);
    let call = || connection::call(&house.app, id, |cloud, access| async move { cloud.account(&access).await });
    let ok = "hawser_cloud_calls_total{provider=\"google_drive\",outcome=\"ok\"}";
    let before = count(house, ok).await;
    call().await.unwrap();
    assert_eq!(count(house, ok).await, before + 1.0);
    assert!(count(house, "hawser_token_refreshes_total{outcome=\"renewed\"}").await >= 1.0, "the clock ran on");
    assert_eq!(number(house, "hawser_connections{state=\"active\"}").await, 1.0);
    assert!(number(house, "hawser_feed_oldest_poll_seconds").await >= 3600.0);
    let fault = Fault {
        path: "/drive/v3/about".into(),
        status: Some(429),
        reason: Some("rateLimitExceeded".into()),
        retry_after_s: Some(120),
        ..Fault::default()
    };
    scene.cloud.control.fault(&fault).await.unwrap();
    call().await.unwrap_err();
    assert_eq!(count(house, "hawser_cloud_calls_total{provider=\"google_drive\",outcome=\"rate_limited\"}").await, 1.0);
    let until = number(house, "hawser_cloud_blocked_until_timestamp_seconds{provider=\"google_drive\"}").await;
    assert!(until > 1_700_000_000.0, "{until}");
}

#[tokio::test]
async fn what_stands_in_the_database_is_read_once_in_five_seconds() {
    let house = House::start().await;
    let line = "hawser_blobs";
    let db = house.app.database.maintenance();
    let read_now = async || read(&metric::scrape(&house.app).await.unwrap(), line);
    assert_eq!(read_now().await, 0.0);
    db.execute_unprepared("INSERT INTO blob (hash, size, created_at) VALUES ('x', 5, '2026-01-01 00:00:00+00:00')")
        .await
        .unwrap();
    assert_eq!(read_now().await, 0.0, "kept");
    assert_eq!(number(&house, line).await, 1.0);
    assert_eq!(number(&house, "hawser_blobs_bytes").await, 5.0);
}
