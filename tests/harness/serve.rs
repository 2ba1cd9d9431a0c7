//! The real server on a free loopback port, for tests that need the wire.

use std::sync::atomic::Ordering;

use actix_web::dev::ServerHandle;
use serde_json::{Value, json};

use crate::{House, Person, Socket};

/// A running server. It stops when dropped.
pub struct Served {
    /// `http://127.0.0.1:…`
    pub url: String,
    pub http: reqwest::Client,
    handle: ServerHandle,
}

impl House {
    pub async fn serve(&self) -> Served {
        let listener = self.listener.try_clone().expect("the port is ours");
        let server = hawser_api::server(self.engine.clone(), listener).expect("the server starts");
        let handle = server.handle();
        self.is_reached.store(true, Ordering::Relaxed);
        tokio::spawn(server);
        Served { url: format!("http://{}", self.address), http: reqwest::Client::new(), handle }
    }
}

impl Served {
    /// A GraphQL request, to be changed or sent.
    pub fn post(&self, person: Option<&Person>, query: &str) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}/graphql", self.url)).json(&json!({ "query": query }));
        match person {
            Some(person) => request.bearer_auth(&person.token),
            None => request,
        }
    }

    /// The body of the answer.
    pub async fn gql(&self, person: &Person, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let answer = self.post(Some(person), "").json(&body).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// A WebSocket at the same address, nothing said yet.
    pub async fn socket(&self) -> Socket {
        Socket::open(&self.url).await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // The command is on its way as soon as it is given; nobody waits for its end.
        drop(self.handle.stop(false));
    }
}
