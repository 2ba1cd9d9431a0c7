//! Live data: what subscribers hear, what is computed once for many of them, and what nobody hears who may not.

mod behind;
mod cohort;
mod crowd;
mod hearing;
mod listener;
mod right;

use hawser_tests::{Heard, Socket};
use serde_json::{Value, json};

pub async fn subscribe(socket: &mut Socket, id: &str, query: &str, variables: Value) {
    let payload = json!({ "query": query, "variables": variables });
    socket.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
}

/// The next answer, unwrapped to its only field.
pub async fn next(socket: &mut Socket) -> Value {
    match socket.hear().await {
        Heard::Message(message) if message["type"] == "next" => {
            assert!(message["payload"].get("errors").is_none(), "{message:#}");
            let data = message["payload"]["data"].as_object().unwrap().clone();
            data.into_iter().next().unwrap().1
        }
        other => panic!("no answer but {other:?}"),
    }
}

/// Waits until the socket's operations have begun: what happens later is told later. A subscription that begins after them
/// says where it stands, and has gone again when a query after its end is answered.
pub async fn settled(socket: &mut Socket) {
    let standing = "subscription { changes(filter: { nouns: [DOCUMENT] }) { cursor } }";
    subscribe(socket, "standing", standing, json!({})).await;
    passed(socket, "next", "standing").await;
    socket.say(json!({ "type": "complete", "id": "standing" })).await;
    subscribe(socket, "settle", "{ __typename }", json!({})).await;
    passed(socket, "complete", "settle").await;
}

async fn passed(socket: &mut Socket, kind: &str, id: &str) {
    loop {
        match socket.hear().await {
            Heard::Message(message) if message["type"] == kind && message["id"] == id => return,
            Heard::Message(_) => {}
            closed => panic!("{closed:?}"),
        }
    }
}
