//! What day it is: for deprecations, which come to an end.

use chrono::{Datelike, Utc};

/// Year and month.
pub fn month() -> (i32, u32) {
    let today = Utc::now();
    (today.year(), today.month())
}
