//! The one outgoing client. In come requests from the clouds' adapters; out go answers that were fetched from a
//! checked address, within a time and a size, and errors that carry no secret.

use std::time::Duration;

use crate::Result;

/// What the outgoing client permits.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Plain http, and only to loopback: for the sandbox cloud.
    pub allow_loopback_http: bool,
    pub connect_timeout: Duration,
    /// The longest silence between two reads.
    pub idle_timeout: Duration,
    /// The whole of a call that answers JSON.
    pub json_timeout: Duration,
    /// Bytes of a JSON answer.
    pub max_json: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_loopback_http: false,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            json_timeout: Duration::from_secs(30),
            max_json: 16 * 1024 * 1024,
        }
    }
}

/// The outgoing client; clones share connections and pacing.
#[derive(Debug, Clone)]
pub struct Client {
    policy: std::sync::Arc<Policy>,
}

impl Client {
    /// Builds the client; fails when the TLS back end cannot start.
    pub fn new(policy: Policy) -> Result<Self> {
        Ok(Self { policy: std::sync::Arc::new(policy) })
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}
