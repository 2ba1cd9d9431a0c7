//! What the server says: messages of the protocol as text. `payload` is the one place where an answer becomes text.

use async_graphql::ServerError;
use serde_json::{Map, Value, json};

use crate::graphql::Answer;

/// The answer itself, without what is around it on the way.
pub fn payload(answer: &Answer) -> &str {
    answer.json()
}

/// One answer of an operation.
pub fn next(id: &str, payload: &str) -> String {
    let id = Value::from(id);
    format!(r#"{{"type":"next","id":{id},"payload":{payload}}}"#)
}

/// The only answer of an operation that could not run.
pub fn error(id: &str, errors: &[ServerError]) -> String {
    json!({ "type": "error", "id": id, "payload": errors }).to_string()
}

/// The end of an operation.
pub fn complete(id: &str) -> String {
    json!({ "type": "complete", "id": id }).to_string()
}

/// The welcome.
pub fn ack(payload: &Value) -> String {
    json!({ "type": "connection_ack", "payload": payload }).to_string()
}

/// The answer to a ping, with what came with it.
pub fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
        None => json!({ "type": "pong" }).to_string(),
    }
}
