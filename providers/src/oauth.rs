//! The authorization code grant with PKCE (RFC 6749, RFC 7636), as every cloud here speaks it.

use std::time::Duration;

use secrecy::SecretString;

/// What the authorization URL is built from. The caller owns `state` and the PKCE verifier.
#[derive(Debug, Clone)]
pub struct ConsentRequest {
    pub redirect_uri: String,
    pub state: String,
    /// BASE64URL(SHA256(verifier)), RFC 7636 section 4.2.
    pub code_challenge: String,
    /// The account expected to answer, when connecting again.
    pub login_hint: Option<String>,
}

/// What the callback brought.
#[derive(Debug, Clone)]
pub struct Consent {
    pub code: SecretString,
    pub verifier: SecretString,
    pub redirect_uri: String,
}

/// Tokens granted by the cloud. A refresh answer without `refresh_token` means: keep the old one.
#[derive(Debug, Clone)]
pub struct Grant {
    pub access_token: SecretString,
    pub refresh_token: Option<SecretString>,
    pub expires_in: Option<Duration>,
    /// What was really granted; users can untick scopes.
    pub scopes: Option<Vec<String>>,
}
