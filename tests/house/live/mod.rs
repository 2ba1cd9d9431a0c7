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

/// Waits until the socket's operations have begun: what is said later is answered later.
pub async fn settled(socket: &mut Socket) {
    subscribe(socket, "settle", "{ __typename }", json!({})).await;
    loop {
        match socket.hear().await {
            Heard::Message(message) if message["type"] == "complete" && message["id"] == "settle" => return,
            Heard::Message(_) => {}
            closed => panic!("{closed:?}"),
        }
    }
}
