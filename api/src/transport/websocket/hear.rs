//! What a client says: text into a message of the protocol, or the fault that closes the socket.

use actix_ws::{AggregatedMessage, ProtocolError};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::close::Close;
use crate::graphql::Parameters;

/// Characters of an id: it is repeated in every answer.
const LONGEST_ID: usize = 256;

/// A message of the protocol.
#[derive(Debug, Clone)]
pub enum Said {
    Init(Option<Map<String, Value>>),
    Ping(Option<Map<String, Value>>),
    Pong,
    Subscribe { id: String, sent: Parameters },
    Complete { id: String },
}

/// What came over the wire.
#[derive(Debug)]
pub enum Heard {
    Said(Said),
    /// A ping of the WebSocket itself.
    Ping(Bytes),
    /// Nothing but a sign of life.
    Sign,
}

/// # Errors
/// `Gone` when the client left; `Invalid` for what is not of the protocol.
pub fn heard(message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<Heard, Close> {
    match message {
        None | Some(Ok(AggregatedMessage::Close(_))) => Err(Close::Gone),
        Some(Ok(AggregatedMessage::Text(text))) => read(&text).map(Heard::Said),
        Some(Ok(AggregatedMessage::Ping(bytes))) => Ok(Heard::Ping(bytes)),
        Some(Ok(AggregatedMessage::Pong(_))) => Ok(Heard::Sign),
        Some(Ok(AggregatedMessage::Binary(_))) => Err(invalid("binary messages are not understood")),
        Some(Err(ProtocolError::Io(error))) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(invalid("it is not UTF-8"))
        }
        Some(Err(ProtocolError::Io(error))) if error.to_string().contains("continuation") => {
            Err(invalid("it is too large"))
        }
        Some(Err(ProtocolError::Io(_))) => Err(Close::Gone),
        Some(Err(ProtocolError::Overflow)) => Err(invalid("it is too large")),
        Some(Err(_)) => Err(invalid("it is no good frame")),
    }
}

/// # Errors
/// `Invalid`, with a word on what is wrong.
pub fn read(text: &str) -> Result<Said, Close> {
    let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
        return Err(invalid("it is no JSON object"));
    };
    let kind = match message.remove("type") {
        Some(Value::String(kind)) => kind,
        _ => return Err(invalid("`type` is no text")),
    };
    match kind.as_str() {
        "connection_init" => Ok(Said::Init(object(message.remove("payload"))?)),
        "ping" => Ok(Said::Ping(object(message.remove("payload"))?)),
        "pong" => object(message.remove("payload")).map(|_| Said::Pong),
        "complete" => Ok(Said::Complete { id: id(message.remove("id"))? }),
        "subscribe" => {
            let id = id(message.remove("id"))?;
            let payload = object(message.remove("payload"))?.ok_or_else(|| invalid("`payload` is missing"))?;
            Ok(Said::Subscribe { id, sent: parameters(payload)? })
        }
        _ => Err(invalid("a client does not send a message of this `type`")),
    }
}

fn parameters(payload: Map<String, Value>) -> Result<Parameters, Close> {
    let sent: Parameters =
        serde_json::from_value(Value::Object(payload)).map_err(|error| invalid(&format!("`payload`: {error}")))?;
    let by_hash = sent.extensions.as_ref().is_some_and(|them| them.contains_key("persistedQuery"));
    if sent.query.is_none() && sent.document_id.is_none() && !by_hash {
        return Err(invalid("`payload` has no `query`"));
    }
    Ok(sent)
}

fn id(value: Option<Value>) -> Result<String, Close> {
    match value {
        Some(Value::String(id)) if !id.is_empty() && id.chars().count() <= LONGEST_ID => Ok(id),
        _ => Err(invalid("`id` is no text of 1 to 256 characters")),
    }
}

/// Null is as good as absent.
fn object(value: Option<Value>) -> Result<Option<Map<String, Value>>, Close> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(invalid("`payload` is no object")),
    }
}

fn invalid(word: &str) -> Close {
    Close::Invalid(word.to_owned())
}
