//! The WebSocket on the wire: the protocol, who is let in, and what is heard, with clients that misbehave.

use std::time::Duration;

use hawser_domain::{token, user};
use hawser_tests::{Heard, House, Person, Socket};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{handshake::client::Request, http::HeaderValue};

const WHO: &str = "{ viewer { user { name } } }";

fn message(value: Value) -> Heard {
    Heard::Message(value)
}

#[tokio::test]
async fn queries_and_mutations_run_over_a_socket() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    socket.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(socket.hear().await, message(json!({ "type": "pong", "payload": { "n": 1 } })));
    socket.subscribe("1", WHO, json!({})).await;
    let data = json!({ "data": { "viewer": { "user": { "name": "ann" } } } });
    assert_eq!(socket.hear().await, message(json!({ "type": "next", "id": "1", "payload": data })));
    assert_eq!(socket.hear().await, message(json!({ "type": "complete", "id": "1" })));

    let id = crate::people::id_of(&house, &ann).await;
    let rename = "mutation($id: ID!) { userUpdate(input: {id: $id, name: \"Ann\"}) { user { name } } }";
    socket.subscribe("1", rename, json!({ "id": id })).await;
    let Heard::Message(next) = socket.hear().await else { panic!("closed") };
    assert_eq!(next["payload"]["data"]["userUpdate"]["user"]["name"], "Ann");
    assert_eq!(socket.hear().await, message(json!({ "type": "complete", "id": "1" })));

    socket.subscribe("2", "{ nonsense }", json!({})).await;
    let Heard::Message(error) = socket.hear().await else { panic!("closed") };
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("2")));
    assert_eq!(error["payload"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    // Nothing follows an error: the next thing heard is the answer to the next thing said.
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, message(json!({ "type": "pong" })));
}

#[tokio::test]
async fn a_socket_that_breaks_the_protocol_is_closed_with_the_right_code() {
    let house = House::start().await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": WHO } }).to_string();
    let huge = json!({ "type": "ping", "payload": { "x": "x".repeat(300 * 1024) } }).to_string();
    for (said, code) in [
        (subscribe.as_str(), 4401),
        ("nonsense", 4400),
        ("{\"type\": \"stop\"}", 4400),
        ("{\"type\": \"subscribe\", \"id\": 7}", 4400),
        (huge.as_str(), 4400),
        ("{\"type\": \"connection_init\", \"payload\": {\"authorization\": \"Bearer hws_nonsense\"}}", 4403),
        ("{\"type\": \"connection_init\", \"payload\": {\"authorization\": 7}}", 4403),
    ] {
        let mut socket = served.socket().await;
        socket.say_raw(said).await;
        assert_eq!(socket.hear().await, Heard::Closed(code), "{}", &said[..said.len().min(80)]);
    }
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hear().await, Heard::Closed(4429));

    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    socket.say_together(&[&subscribe, &subscribe]).await;
    assert_eq!(socket.hear().await, Heard::Closed(4409));
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_closed() {
    let house = House::start().await;
    let served = house.serve().await;
    let mut socket = served.socket().await;
    assert_eq!(socket.hear().await, Heard::Closed(4408));
}

#[tokio::test]
async fn a_socket_of_another_protocol_or_a_foreign_page_is_refused() {
    let house = House::start().await;
    let served = house.serve().await;
    let header = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).unwrap();
        move |request: &mut Request| {
            request.headers_mut().insert(name, value);
        }
    };
    let refused = Socket::try_open(&served.url, header("origin", "https://evil.example")).await;
    assert!(refused.is_err(), "a foreign page opened a socket");
    let mut own = Socket::try_open(&served.url, header("origin", &served.url)).await.unwrap();
    own.say(json!({ "type": "connection_init" })).await;
    assert_eq!(own.hear().await, message(json!({ "type": "connection_ack" })));
    let nothing = |request: &mut Request| drop(request.headers_mut().remove("sec-websocket-protocol"));
    let mut other = Socket::try_open(&served.url, nothing).await.unwrap();
    assert_eq!(other.hear().await, Heard::Closed(4406));
}

#[tokio::test]
async fn an_open_socket_is_closed_soon_after_its_token_stops_to_hold() {
    let house = House::start().await;
    let (admin, served) = (house.admin().await, house.serve().await);
    let (ann, bob, eve) = (house.member("ann").await, house.member("bob").await, house.member("eve").await);
    let mut sockets = Vec::new();
    for person in [&ann, &bob, &admin, &eve] {
        let mut socket = served.socket().await;
        socket.sign_in(person).await;
        sockets.push(socket);
    }
    user::disable(&house.app, &admin.principal, ann.id).await.unwrap();
    token::sign_out(&house.app, &bob.principal).await.unwrap();
    assert_eq!(sockets[0].hear().await, Heard::Closed(4403), "a disabled person listens on");
    assert_eq!(sockets[1].hear().await, Heard::Closed(4403), "somebody who signed out listens on");
    for socket in &mut sockets[2..] {
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.hear().await, message(json!({ "type": "pong" })));
    }
    house.clock.advance(Duration::from_secs(house.app.config.session_seconds));
    assert_eq!(sockets[2].hear().await, Heard::Closed(4403), "an expired session listens on");
    assert_eq!(sockets[3].hear().await, Heard::Closed(4403), "an expired session listens on");
}

const RENAME: &str = "mutation($id: ID!, $token: String!, $name: String!) {
    documentRename(input: {id: $id, nameToken: $token, name: $name}) {
        document { id nameToken } userErrors { message }
    }
}";

/// The document after a change, from a payload without errors.
async fn changed(house: &House, person: &Person, query: &str, variables: Value) -> Value {
    let mut data = house.data(person, query, variables).await;
    let payload = data.as_object_mut().unwrap().values_mut().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]));
    payload["document"].take()
}

const CREATE: &str = "mutation {
    documentCreate(input: {kind: WORKSPACE, name: \"Quay\"}) { document { id nameToken } userErrors { message } }
}";

#[tokio::test]
async fn a_subscription_shows_each_event_to_the_viewer_as_they_are_by_then() {
    let house = House::start().await;
    let (boss, ann, served) = (house.admin().await, house.member("ann").await, house.serve().await);
    let role = |role| user::Update { name: None, role: Some(role) };
    user::update(&house.app, &boss.principal, ann.id, role(user::Role::Admin)).await.unwrap();
    let ann = house.person(ann.id).await;
    let quay = changed(&house, &ann, CREATE, json!({})).await;
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    socket
        .subscribe("1", "subscription { changes { changes { actor { name email } document { name } } } }", json!({}))
        .await;
    let mut hear = async || {
        let Heard::Message(mut next) = socket.hear().await else { panic!("closed") };
        assert_eq!(next["type"], "next", "{next}");
        next["payload"]["data"]["changes"]["changes"].take()
    };
    assert_eq!(hear().await, json!([]), "the first batch says where the reader stands");

    let rename = json!({ "id": quay["id"], "token": quay["nameToken"], "name": "Pier" });
    let pier = changed(&house, &boss, RENAME, rename).await;
    let actor = json!({ "name": "Administrator", "email": "admin@localhost" });
    assert_eq!(hear().await, json!([{ "actor": actor, "document": { "name": "Pier" } }]));

    user::update(&house.app, &boss.principal, ann.id, role(user::Role::Member)).await.unwrap();
    let rename = json!({ "id": pier["id"], "token": pier["nameToken"], "name": "Mole" });
    changed(&house, &boss, RENAME, rename).await;
    let actor = json!({ "name": "Administrator", "email": null });
    assert_eq!(
        hear().await,
        json!([{ "actor": actor, "document": { "name": "Mole" } }]),
        "shown with rights of before"
    );
}

#[tokio::test]
async fn a_completed_subscription_is_silent_and_its_id_is_free_again() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let quay = changed(&house, &boss, CREATE, json!({})).await;
    let mut socket = served.socket().await;
    socket.sign_in(&boss).await;
    let query = "subscription { changes { changes { document { name } } } }";
    for _ in 0..2 {
        socket.subscribe("1", query, json!({})).await;
        let Heard::Message(first) = socket.hear().await else { panic!("closed") };
        assert_eq!(first["payload"]["data"]["changes"]["changes"], json!([]));
        socket.say(json!({ "type": "complete", "id": "1" })).await;
        // The answer to the ping shows that the completion before it was read.
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.hear().await, message(json!({ "type": "pong" })));
    }
    let rename = json!({ "id": quay["id"], "token": quay["nameToken"], "name": "Pier" });
    changed(&house, &boss, RENAME, rename).await;
    socket.subscribe("2", WHO, json!({})).await;
    let Heard::Message(next) = socket.hear().await else { panic!("closed") };
    assert_eq!(next["id"], "2", "a completed subscription spoke: {next}");
}

#[tokio::test]
async fn a_socket_carries_fifty_operations_and_no_more() {
    let house = House::start().await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let mut socket = served.socket().await;
    socket.sign_in(&boss).await;
    for number in 0..50 {
        socket.subscribe(&number.to_string(), "subscription { documentChanged { documentId } }", json!({})).await;
    }
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, message(json!({ "type": "pong" })));
    socket.subscribe("one more", "subscription { documentChanged { documentId } }", json!({})).await;
    assert_eq!(socket.hear().await, Heard::Closed(4400));
}
