//! What a client sends: the same parameters in the body of a request, in its address, and in a message of a socket.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The parameters of a request. What else is sent is ignored, and null is as good as absent.
/// <https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The document; absent when it is named by its hash.
    #[serde(default)]
    pub query: Option<String>,
    /// Which operation of the document to run.
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<Map<String, Value>>,
    #[serde(default)]
    pub extensions: Option<Map<String, Value>>,
    /// The name of a document that the server keeps.
    #[serde(default)]
    pub document_id: Option<String>,
    /// What the client calls itself, in a header of its request.
    #[serde(skip)]
    pub client_name: Option<String>,
}

impl Parameters {
    /// An operation by its text.
    pub fn of(query: impl Into<String>) -> Self {
        Self { query: Some(query.into()), ..Self::default() }
    }

    /// With these variables; anything but an object stands for none.
    #[must_use]
    pub fn variables(self, variables: Value) -> Self {
        let variables = match variables {
            Value::Object(map) => Some(map),
            _ => None,
        };
        Self { variables, ..self }
    }
}
