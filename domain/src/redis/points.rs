//! Buckets of points that several servers share: full at first, emptied by those who ask, refilled with Redis' clock.

use std::{sync::LazyLock, time::Duration};

use redis::Script;

use super::{Gone, Redis};

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("points.lua")));

/// A bucket after somebody asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points {
    /// What is left, in millionths of a point.
    pub held: u64,
    /// Whether what was asked for was there and is taken.
    pub is_taken: bool,
}

impl Redis {
    /// Takes `wanted` points, or none where there are fewer, from a bucket that holds `most` and gets `per_second`. `ahead` is
    /// how far the clock of whoever asks was moved.
    ///
    /// # Errors
    /// `Gone` when Redis does not answer.
    pub async fn take_points(
        &self,
        bucket: &str,
        (most, per_second): (u64, u64),
        wanted: u64,
        ahead: Duration,
    ) -> Result<Points, Gone> {
        let ahead = u64::try_from(ahead.as_micros()).unwrap_or(u64::MAX);
        let mut script = TAKE.key(self.key(&format!("points:{bucket}")));
        script.arg(ahead).arg(most).arg(per_second.max(1)).arg(wanted);
        let (held, is_taken): (String, bool) = self.run(&script).await?;
        Ok(Points { held: held.parse().unwrap_or_default(), is_taken })
    }
}
