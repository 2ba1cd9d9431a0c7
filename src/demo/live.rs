//! One subscription over a WebSocket, spoken in `graphql-transport-ws`.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::client::Client;

const GREETING: Duration = Duration::from_secs(10);

pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// Where sockets are opened.
pub fn address(base: &str) -> String {
    format!("{}/graphql", base.replacen("http", "ws", 1))
}

impl Live {
    /// Opens a socket, signs in with the client's token and begins the subscription.
    pub async fn open(client: &Client, query: &str, variables: Value) -> anyhow::Result<Self> {
        let mut request = address(client.base()).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        let (socket, _) = connect_async(request).await.context("the WebSocket does not open")?;
        let mut live = Self { socket };
        let who = json!({ "authorization": format!("Bearer {}", client.token()) });
        live.say(json!({ "type": "connection_init", "payload": who })).await?;
        let greeting = tokio::time::timeout(GREETING, live.hear()).await.context("the WebSocket does not answer")??;
        ensure!(greeting["type"] == "connection_ack", "expected connection_ack, and {greeting} came");
        let operation = json!({ "query": query, "variables": variables });
        live.say(json!({ "type": "subscribe", "id": "1", "payload": operation })).await?;
        Ok(live)
    }

    /// The data of the next event. Waits as long as the socket lives.
    pub async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            let mut message = self.hear().await?;
            match message["type"].as_str() {
                Some("next") if message["payload"]["errors"].is_null() => return Ok(message["payload"]["data"].take()),
                Some("ping") => self.say(json!({ "type": "pong" })).await?,
                Some("pong") => {}
                _ => bail!("expected an event of the subscription, and {message} came"),
            }
        }
    }

    /// The first event that fits, and all that came with it.
    pub async fn wait_for(
        &mut self,
        what: &str,
        within: Duration,
        fits: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let mut others = Vec::new();
        let waited = tokio::time::timeout(within, async {
            loop {
                let event = self.next().await?;
                if fits(&event) {
                    return anyhow::Ok(event);
                }
                others.push(event);
            }
        })
        .await;
        match waited {
            Ok(event) => event,
            Err(_) => bail!(
                "expected within {} s: {what}; the subscription said {}",
                within.as_secs(),
                if others.is_empty() { "nothing".to_owned() } else { Value::from(others).to_string() }
            ),
        }
    }

    async fn say(&mut self, message: Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    async fn hear(&mut self) -> anyhow::Result<Value> {
        loop {
            match self.socket.next().await.context("the server closed the WebSocket")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => bail!("the server closed the WebSocket: {frame:?}"),
                _ => {}
            }
        }
    }
}
