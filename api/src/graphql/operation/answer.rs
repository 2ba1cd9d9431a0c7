//! An answer on its way: written as text once, however many receive it.

use std::{
    borrow::Borrow,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use async_graphql::Response;
use serde::{Serialize, Serializer};

/// A response that several may hold. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Answer(Arc<Written>);

#[derive(Debug)]
struct Written {
    response: Response,
    json: OnceLock<String>,
}

impl Answer {
    /// The response as JSON.
    pub fn json(&self) -> &str {
        self.0.json.get_or_init(|| serde_json::to_string(&self.0.response).unwrap_or_default())
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self(Arc::new(Written { response, json: OnceLock::new() }))
    }
}

impl Borrow<Response> for Answer {
    fn borrow(&self) -> &Response {
        self
    }
}

impl Deref for Answer {
    type Target = Response;

    fn deref(&self) -> &Response {
        &self.0.response
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.response.serialize(serializer)
    }
}
