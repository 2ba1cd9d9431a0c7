//! What one person may do is counted by all servers together, and by each for itself while they cannot.

use std::time::{Duration, Instant};

use hawser_api::{
    Engine,
    graphql::{Caller, Parameters, run},
};
use hawser_domain::{App, Error, token};
use hawser_tests::{House, Person, Server, lasting};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{house_on, soon};

const POINTS: u64 = 100;

/// Whether the person had a point left at this server.
async fn spends_one(house: &House, engine: &Engine, who: &Person) -> bool {
    let request_id = house.app.randomness.id(house.clock.now());
    let caller = Caller { principal: Some(who.principal.clone()), address: None, request_id };
    let answer = run(engine, Parameters::of("{ __typename }"), caller).await;
    let code = answer.errors.first().and_then(|error| error.extensions.as_ref()?.get("code").cloned());
    assert!(code.is_none() || code == Some("RATE_LIMITED".into()), "{:?}", answer.errors);
    code.is_none()
}

#[tokio::test]
async fn a_persons_points_are_the_same_at_every_server() {
    let mut redis = Server::redis();
    let url = redis.url();
    let house = House::with(|config| {
        config.redis_url = Some(SecretString::from(url));
        (config.graphql_points, config.graphql_points_per_second) = (POINTS, 1);
    })
    .await;
    let engines = [house.engine.clone(), Engine::new(house.another(1).await)];
    let ann = house.member("ann").await;
    let begun = Instant::now();
    let mut spent = 0;
    while spends_one(&house, &engines[spent as usize % 2], &ann).await {
        spent += 1;
    }
    let most = POINTS + begun.elapsed().as_secs() + 1;
    assert!((POINTS..=most).contains(&spent), "{spent} of {most}");
    redis.kill();
    let alone = async {
        for engine in &engines {
            while !spends_one(&house, engine, &ann).await {
                lasting(20).await;
            }
        }
    };
    soon("going on without Redis", alone).await;
}

#[tokio::test]
async fn what_was_put_in_by_its_hash_at_one_server_is_known_at_the_others() {
    let redis = Server::redis();
    let house = house_on(&redis).await;
    let engines = [house.engine.clone(), Engine::new(house.another(1).await), Engine::new(house.another(2).await)];
    let ann = house.member("ann").await;
    let text = "{ viewer { user { name } } }";
    let hash = hex(text);
    let send = async |engine: &Engine, query: Option<&str>| {
        let named = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
        let extensions = named.as_object().cloned();
        let sent = Parameters { query: query.map(str::to_owned), extensions, ..Parameters::default() };
        let request_id = house.app.randomness.id(house.clock.now());
        let caller = Caller { principal: Some(ann.principal.clone()), address: None, request_id };
        serde_json::to_value(run(engine, sent, caller).await).unwrap()
    };
    let is_known = |answer: &Value| answer["data"]["viewer"]["user"]["name"] == "ann";
    assert_eq!(send(&engines[1], None).await["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
    assert!(is_known(&send(&engines[0], Some(text)).await));
    assert!(is_known(&send(&engines[1], None).await), "it was not heard of");
    redis.flush().await;
    assert!(is_known(&send(&engines[1], None).await), "who knew it forgot it");
    assert_eq!(send(&engines[2], None).await["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn guess(app: &App) -> Error {
    let wrong = SecretString::from("not the password of anybody");
    token::sign_in(app, "nobody@example.org", &wrong, None).await.expect_err("a wrong password")
}

#[tokio::test]
async fn passwords_cannot_be_guessed_at_one_server_after_the_other() {
    let redis = Server::redis();
    let house = house_on(&redis).await;
    let apps = [house.app.clone(), house.another(1).await];
    for number in 0..10 {
        let refused = guess(&apps[number % 2]).await;
        assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
    }
    for app in &apps {
        let Error::TooManyTries { retry_at } = guess(app).await else { panic!("one more was taken") };
        assert!(retry_at > house.clock.now());
    }
    house.clock.advance(Duration::from_secs(15 * 60));
    assert!(matches!(guess(&apps[1]).await, Error::Invalid { .. }));
}
