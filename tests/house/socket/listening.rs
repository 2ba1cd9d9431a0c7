//! What a subscription on a socket tells, to whom, and until when.

use hawser_domain::user;
use hawser_tests::{Heard, House, Person};
use serde_json::{Value, json};

use super::{WHO, message};

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
