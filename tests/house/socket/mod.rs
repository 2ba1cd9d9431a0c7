//! The WebSocket on the wire: the protocol, who is let in, what runs, and what is heard, with clients that misbehave.

use hawser_tests::{Heard, Socket};
use serde_json::Value;

mod listening;
mod malformed;
mod people;
mod protocol;
mod running;

const WHO: &str = "{ viewer { user { name } } }";

fn message(value: Value) -> Heard {
    Heard::Message(value)
}

/// The next thing heard, which is no close.
async fn next_message(socket: &mut Socket) -> Value {
    match socket.hear().await {
        Heard::Message(message) => message,
        Heard::Closed(code) => panic!("closed with {code}"),
    }
}
