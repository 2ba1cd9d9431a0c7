//! What day it is: for deprecations, which come to an end.

use chrono::{Datelike, Utc};

/// Year and month.
#[allow(clippy::disallowed_methods, reason = "xtask has no clock injected")]
pub fn month() -> (i32, u32) {
    let today = Utc::now();
    (today.year(), today.month())
}
