//! Asking Elasticsearch, by its official client and under our own patience. Whoever asks gets an answer to judge, or hears
//! that there is nobody to ask.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use elasticsearch::{
    Elasticsearch,
    auth::Credentials,
    http::{
        Method, Url,
        headers::{CONTENT_TYPE, HeaderMap, HeaderValue},
        transport::{SingleNodeConnectionPool, TransportBuilder},
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{Error, Result, search::fault::Fault};

/// For what people wait for.
pub const SOON: Duration = Duration::from_secs(10);
/// For what only the follower waits for.
pub const LONG: Duration = Duration::from_secs(30);

/// Characters of an answer that are quoted.
const QUOTED: usize = 300;

/// Clones share connections.
#[derive(Clone)]
pub struct Client {
    inner: Elasticsearch,
    is_up: Arc<AtomicBool>,
}

/// What is sent along.
pub enum Body<'a> {
    Nothing,
    Json(&'a Value),
    /// Lines of JSON.
    Lines(String),
}

/// An answer that came, good or bad.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Client {
    /// Does not connect yet: a search engine that is gone must not keep the house from opening.
    ///
    /// # Errors
    /// `Config` when the URL is none.
    pub fn new(url: &SecretString) -> Result<Self> {
        // What is said of a bad URL may repeat the password.
        let fault = || Error::Config(vec!["elasticsearch_url: is not a URL of Elasticsearch".to_owned()]);
        let mut url = Url::parse(url.expose_secret()).map_err(|_| fault())?;
        let credentials = url.password().map(|password| Credentials::Basic(plain(url.username()), plain(password)));
        url.set_username("").map_err(|()| fault())?;
        url.set_password(None).map_err(|()| fault())?;
        let mut builder = TransportBuilder::new(SingleNodeConnectionPool::new(url)).disable_proxy();
        if let Some(credentials) = credentials {
            builder = builder.auth(credentials);
        }
        let transport = builder.build().map_err(|_| fault())?;
        Ok(Self { inner: Elasticsearch::new(transport), is_up: Arc::new(AtomicBool::new(true)) })
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.ask(Method::Get, path, query, Body::Nothing, SOON).await
    }

    pub async fn post(&self, path: &str, query: &[(&str, &str)], body: &Value) -> Result<Answer, Fault> {
        self.ask(Method::Post, path, query, Body::Json(body), SOON).await
    }

    pub async fn put(&self, path: &str, query: &[(&str, &str)], body: &Value) -> Result<Answer, Fault> {
        self.ask(Method::Put, path, query, Body::Json(body), LONG).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer, Fault> {
        self.ask(Method::Delete, path, &[], Body::Nothing, LONG).await
    }

    /// # Errors
    /// `Gone` when nobody answers in time, or the answer is that it cannot be done just now, or not by us.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Body<'_>,
        patience: Duration,
    ) -> Result<Answer, Fault> {
        let mut headers = HeaderMap::new();
        let body = match body {
            Body::Nothing => None,
            Body::Json(value) => Some(value.to_string()),
            Body::Lines(lines) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
                Some(lines)
            }
        };
        let query = (!query.is_empty()).then_some(query);
        let sent = self.inner.send(method, path, headers, query, body, Some(patience)).await;
        let answer = match sent {
            Ok(response) => {
                let status = response.status_code().as_u16();
                response.bytes().await.map(|bytes| (status, bytes))
            }
            Err(error) => Err(error),
        };
        // The address in the client's own words could hold a password.
        let (status, bytes) = answer.map_err(|error| self.gone(without_address(&error)))?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if matches!(status, 401 | 403 | 429 | 502..=504) {
            return Err(self.gone(format!("{status}: {}", quote(&body))));
        }
        if !self.is_up.swap(true, Ordering::AcqRel) {
            tracing::info!("Elasticsearch answers again");
        }
        Ok(Answer { status, body })
    }

    /// Whether the last question was answered.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Acquire)
    }

    fn gone(&self, why: String) -> Fault {
        if self.is_up.swap(false, Ordering::AcqRel) {
            tracing::warn!(why, "Elasticsearch does not answer; nothing can be searched until it does");
        }
        Fault::Gone(why)
    }
}

fn without_address(error: &elasticsearch::Error) -> String {
    match error.is_timeout() {
        true => "no answer in time".to_owned(),
        false => "no connection".to_owned(),
    }
}

/// A part of a URL without its escapes.
fn plain(text: &str) -> String {
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes()).map(|(text, _)| text.into_owned()).collect()
}

impl Answer {
    /// # Errors
    /// `House` for what was not expected: a question of ours was wrong.
    pub fn good(self) -> Result<Value, Fault> {
        match self.status {
            200..=299 => Ok(self.body),
            status => Err(Error::Internal(format!("Elasticsearch: {status}: {}", quote(&self.body))).into()),
        }
    }
}

/// What an answer says is wrong.
pub fn quote(body: &Value) -> String {
    let error = &body["error"];
    let why = error["root_cause"][0]["reason"].as_str().or(error["reason"].as_str());
    let kind = error["type"].as_str().unwrap_or_default();
    let text = match why {
        Some(why) => format!("{kind}: {why}"),
        None => body.to_string(),
    };
    text.chars().take(QUOTED).collect()
}

impl std::fmt::Debug for Client {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("is_up", &self.is_up()).finish_non_exhaustive()
    }
}
