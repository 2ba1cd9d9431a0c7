//! The pace of looking again for a fact that nobody announces, and of clouds that are played to be slow.

use std::{future::pending, time::Duration};

/// So long, and nothing happens. Never instead of a fact: whoever waits for one looks in a loop, and says how long that may
/// take.
pub async fn lasting(milliseconds: u64) {
    let _ = tokio::time::timeout(Duration::from_millis(milliseconds), pending::<()>()).await;
}
