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

    /// Messages that arrive together.
    pub async fn say_together(&mut self, texts: &[&str]) {
        for text in texts {
            self.0.feed(Message::text(*text)).await.expect("the socket takes it");
        }
        self.0.flush().await.expect("the socket takes it");
    }

    /// The next thing the server says; it has 15 seconds.
    pub async fn hear(&mut self) -> Heard {
        let heard = tokio::time::timeout(std::time::Duration::from_secs(15), self.next()).await;
        heard.expect("the server says something within 15 seconds")
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

    /// Signs in and waits for the acknowledgement.
    pub async fn sign_in(&mut self, person: &Person) {
        let payload = json!({ "authorization": format!("Bearer {}", person.token) });
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(self.hear().await, Heard::Message(json!({ "type": "connection_ack" })));
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }
}
