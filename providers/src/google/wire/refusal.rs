//! How Google says no.

use serde::Deserialize;

/// `{"error": {…}}`, and the shorter `{"error": "word"}` of the OAuth endpoints.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    pub error: Failure,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Failure {
    Api {
        #[serde(default)]
        message: String,
        #[serde(default)]
        errors: Vec<Reason>,
        #[serde(default)]
        details: Vec<Detail>,
    },
    Word(String),
}

#[derive(Debug, Deserialize)]
pub struct Reason {
    pub reason: Option<String>,
    pub location: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Detail {
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_error_envelopes_are_understood() {
        let api: Envelope = serde_json::from_str(
            r#"{"error":{"code":403,"message":"m","errors":[{"domain":"global","reason":"r"}],"status":"S"}}"#,
        )
        .expect("the API's form");
        assert!(matches!(api.error, Failure::Api { ref errors, .. } if errors.len() == 1));
        let oauth: Envelope =
            serde_json::from_str(r#"{"error":"invalid_grant","error_description":"d"}"#).expect("the OAuth form");
        assert!(matches!(oauth.error, Failure::Word(ref word) if word == "invalid_grant"));
    }
}
