//! What runs on one socket beside each other, how much of it, and what does not wait for what.

use hawser_tests::{House, Served, Socket};
use serde_json::{Value, json};

use super::{WHO, next_message};

const LISTEN: &str = "subscription { changes { cursor } }";
/// Queries of a socket that run at once.
const RUNNING: usize = 16;

const CREATE: &str = "mutation { documentCreate(input: {kind: WORKSPACE, name: \"Quay\"}) { document { name } } }";

/// A socket of a new member with this name.
async fn socket_of(house: &House, served: &Served, name: &str) -> Socket {
    let person = house.member(name).await;
    let mut socket = served.socket().await;
    socket.sign_in(&person).await;
    socket
}

/// Everything said until so many operations have ended.
async fn until_complete(socket: &mut Socket, mut operations: usize) -> Vec<Value> {
    let mut heard = Vec::new();
    while operations > 0 {
        let message = next_message(socket).await;
        operations -= usize::from(message["type"] != "next");
        heard.push(message);
    }
    heard
}

#[tokio::test]
async fn a_ping_is_answered_and_a_subscription_begins_while_slow_operations_run() {
    let house = House::start().await;
    let served = house.serve().await;
    let mut socket = socket_of(&house, &served, "ann").await;
    // Whoever writes has to wait for this one.
    let writer = house.hold_writers().await;
    for number in 0..RUNNING * 2 {
        socket.subscribe(&format!("slow {number}"), CREATE, json!({})).await;
    }
    socket.settle().await;
    socket.subscribe("listen", LISTEN, json!({})).await;
    let next = next_message(&mut socket).await;
    assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("listen")), "{next}");
    socket.settle().await;
    writer.rollback().await.unwrap();
    socket.say(json!({ "type": "complete", "id": "listen" })).await;
    let heard = until_complete(&mut socket, RUNNING * 2).await;
    let answered = heard.iter().filter(|it| it["type"] == "next" && it["id"] != "listen").count();
    assert_eq!(answered, RUNNING * 2);
}

#[tokio::test]
async fn sixteen_queries_run_at_once_and_the_others_wait() {
    let house = House::start().await;
    let served = house.serve().await;
    let (mut socket, mut other) = (socket_of(&house, &served, "ann").await, socket_of(&house, &served, "bob").await);
    let writer = house.hold_writers().await;
    for number in 0..RUNNING {
        socket.subscribe(&format!("slow {number}"), CREATE, json!({})).await;
    }
    for number in 0..5 {
        socket.subscribe(&format!("waits {number}"), "{ __typename }", json!({})).await;
    }
    // Long enough for everything that may run to have run: others are answered meanwhile, and this socket says nothing.
    for _ in 0..20 {
        other.subscribe("1", WHO, json!({})).await;
        until_complete(&mut other, 1).await;
        socket.settle().await;
    }
    writer.rollback().await.unwrap();
    let heard = until_complete(&mut socket, RUNNING + 5).await;
    let ids: Vec<_> = heard.iter().filter(|it| it["type"] == "next").map(|it| it["id"].as_str().unwrap()).collect();
    assert!(ids[0].starts_with("slow"), "{ids:?}");
    assert_eq!(ids.iter().filter(|id| id.starts_with("waits")).count(), 5, "{ids:?}");
}

#[tokio::test]
async fn a_socket_carries_fifty_subscriptions_and_the_next_is_refused_alone() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&boss).await;
    for number in 0..50 {
        socket.subscribe(&number.to_string(), LISTEN, json!({})).await;
        assert_eq!(next_message(&mut socket).await["id"], number.to_string());
    }
    for _ in 0..2 {
        socket.subscribe("one more", LISTEN, json!({})).await;
        let error = next_message(&mut socket).await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("one more")), "{error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], "RATE_LIMITED");
        assert!(error["payload"][0]["extensions"]["requestId"].is_string());
    }
    socket.subscribe("query", "{ __typename }", json!({})).await;
    assert_eq!(next_message(&mut socket).await["type"], "next", "queries are not counted with them");
    assert_eq!(next_message(&mut socket).await["type"], "complete");
    socket.say(json!({ "type": "complete", "id": "7" })).await;
    socket.subscribe("one more", LISTEN, json!({})).await;
    let next = next_message(&mut socket).await;
    assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("one more")), "{next}");
}
