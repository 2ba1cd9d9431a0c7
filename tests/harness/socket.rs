//! A client of the protocol `graphql-transport-ws`, with bare messages, so that tests can misbehave.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Request, http::HeaderValue},
};

use crate::Person;

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What the server says: a message, or the code it closes with.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Message(Value),
    Closed(u16),
}

impl Socket {
    pub async fn open(url: &str) -> Self {
        Self::try_open(url, |_| {}).await.expect("the socket opens")
    }

    /// Opens with changed headers.
    pub async fn try_open(url: &str, change: impl FnOnce(&mut Request)) -> Result<Self, Error> {
        let url = format!("{}/graphql", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        change(&mut request);
        Ok(Self(connect_async(request).await?.0))
    }

    pub async fn say(&mut self, message: Value) {
        self.say_raw(&message.to_string()).await;
    }

    pub async fn say_raw(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("the socket takes it");
    }

    /// Says something to a server that may have hung up already.
    pub async fn try_say(&mut self, message: &Value) {
        let _ = self.0.send(Message::text(message.to_string())).await;
    }

    pub async fn say_bytes(&mut self, bytes: &'static [u8]) {
        self.0.send(Message::binary(bytes)).await.expect("the socket takes it");
    }

    /// Messages that arrive together.
    pub async fn say_together(&mut self, texts: &[&str]) {
        for text in texts {
            self.0.feed(Message::text(*text)).await.expect("the socket takes it");
        }
        self.0.flush().await.expect("the socket takes it");
    }

    /// The next thing the server says; it has 15 seconds.
    pub async fn hear(&mut self) -> Heard {
        self.hear_within(std::time::Duration::from_secs(15)).await
    }

    /// The same with more time, where there may be nothing to say for long.
    pub async fn hear_within(&mut self, time: std::time::Duration) -> Heard {
        tokio::time::timeout(time, self.next()).await.expect("the server says something in time")
    }

    async fn next(&mut self) -> Heard {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Message(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map_or(1005, |it| it.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(1006),
            }
        }
    }

    /// Signs in, waits for the acknowledgement and returns what it tells.
    pub async fn sign_in(&mut self, person: &Person) -> Value {
        self.init(json!({ "authorization": format!("Bearer {}", person.token) })).await
    }

    /// Says the first message with this payload, waits for the acknowledgement and returns what it tells.
    pub async fn init(&mut self, payload: Value) -> Value {
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
        match self.hear().await {
            Heard::Message(mut message) if message["type"] == "connection_ack" => message["payload"].take(),
            other => panic!("no acknowledgement but {other:?}"),
        }
    }

    /// Waits until everything said before has been read.
    pub async fn settle(&mut self) {
        self.say(json!({ "type": "ping" })).await;
        assert_eq!(self.hear().await, Heard::Message(json!({ "type": "pong" })));
    }

    /// Says that it goes.
    pub async fn close(&mut self) {
        self.0.close(None).await.expect("the socket takes it");
    }

    /// The code the socket is closed with; what is said before is passed over.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code) = self.hear().await {
                return code;
            }
        }
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }
}
