//! The machine's clock, by which several of its processes are compared. Redis goes by it, too.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds.
#[allow(clippy::disallowed_methods, reason = "there is no other clock that processes share")]
pub fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}
