//! A small GraphQL client over HTTP, as a front end would have it. In go queries, out comes their data; whatever the
//! server refuses becomes an error with its own words.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, RANGE},
};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// The answer to a request for bytes.
#[derive(Debug)]
pub struct Bytes {
    pub status: StatusCode,
    pub mime_type: String,
    pub bytes: Vec<u8>,
}

impl Client {
    /// `base` is the server's address without a slash at the end. Nobody is signed in yet.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, base: base.to_owned(), token: None })
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks, and gives the data of an answer without errors.
    pub async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let mut request = self.http.post(format!("{}/graphql", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await?;
        let status = answer.status();
        let mut body: Value = answer.json().await.with_context(|| format!("the server answered {status}, not JSON"))?;
        if let Some(error) = body["errors"].get(0) {
            bail!("the server refused {query:?} with {status}: {} ({})", error["message"], error["extensions"]["code"]);
        }
        Ok(body["data"].take())
    }

    /// Runs one mutation: `name` with its one input, and what to read of its payload.
    pub async fn change(&self, name: &str, input: Value, read: &str) -> anyhow::Result<Value> {
        let kind: String = name[..1].to_uppercase() + &name[1..];
        let query = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {read} userErrors {{ code message path }} }} }}"
        );
        let mut data = self.ask(&query, json!({ "input": input })).await?;
        let payload = data[name].take();
        let errors = payload["userErrors"].as_array().context("a payload without userErrors")?;
        ensure!(errors.is_empty(), "{name} was refused: {}", Value::from(errors.clone()));
        Ok(payload)
    }

    /// Reads bytes from one of the addresses the server hands out, or one range of them.
    pub async fn bytes(&self, url: &str, range: Option<&str>) -> anyhow::Result<Bytes> {
        let mut request = self.http.get(url);
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let answer = request.send().await?;
        let (status, mime_type) = (answer.status(), mime_type(&answer));
        Ok(Bytes { status, mime_type, bytes: answer.bytes().await?.to_vec() })
    }
}

fn mime_type(answer: &Response) -> String {
    let value = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// The text in an answer, which must be there.
pub fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().with_context(|| format!("a text was expected, and {value} came"))
}

/// The list in an answer, which must be there.
pub fn list(value: &Value) -> anyhow::Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("a list was expected, and {value} came"))
}

/// Looks again and again until `look` finds something, and says what was waited for when it does not come in time.
pub async fn until<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    const AGAIN: Duration = Duration::from_millis(50);
    let waited = tokio::time::timeout(within, async {
        loop {
            match look().await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => tokio::time::sleep(AGAIN).await,
                Err(error) => return Err(error),
            }
        }
    });
    waited.await.with_context(|| format!("expected within {} s: {what}; it did not come", within.as_secs()))?
}
