//! The buckets of outgoing calls that all processes take from together, on Redis' clock. What a cloud refused is told to
//! every process besides, so that a Redis that forgets it is not the only one who knew.

use std::time::Duration;

use async_trait::async_trait;
use hawser_providers::pacing::{
    Answer, BACK_PER_MINUTE, Bucket, Clock, Due, Gone, Refusal, SLOWER, SLOWEST, Shared, TOGETHER,
};
use redis::Script;

use super::Redis;
use crate::wake::{Wakes, Word};

/// Waits longer than this are a cloud's mistake.
const LONGEST_BLOCK: Duration = Duration::from_secs(3600);
const BACK_PER_MICRO: f64 = BACK_PER_MINUTE / 60e6;

#[derive(Debug)]
pub(crate) struct Allowances {
    redis: Redis,
    wakes: Wakes,
    clock: Clock,
    take: Script,
    refused: Script,
}

impl Allowances {
    pub(crate) fn new(redis: Redis, wakes: Wakes, clock: Clock) -> Self {
        let (take, refused) = (Script::new(include_str!("pacing.lua")), Script::new(include_str!("refusal.lua")));
        Self { redis, wakes, clock, take, refused }
    }

    fn key(&self, bucket: &str) -> String {
        self.redis.key(&format!("pacing:{bucket}"))
    }
}

#[async_trait]
impl Shared for Allowances {
    async fn take(&self, dues: &[Due<'_>], most: Duration) -> Result<Answer, Gone> {
        let mut script = self.take.prepare_invoke();
        script.key(self.redis.key("pacing_since")).arg(micros(self.clock.ahead())).arg(micros(most));
        for Due { bucket, units, was_away } in dues {
            let rate = bucket.rate(1);
            script.key(self.key(&bucket.name())).arg(*units).arg(rate.period.as_nanos() as f64 / 1e3);
            script.arg(rate.burst.get()).arg(u8::from(*was_away)).arg(BACK_PER_MICRO);
        }
        let (wait, is_taken): (u64, bool) = self.redis.run(&script).await.map_err(|_| Gone)?;
        let wait = Duration::from_micros(wait);
        Ok(if is_taken { Answer::Go(wait) } else { Answer::Later(wait) })
    }

    async fn refused(&self, bucket: &Bucket, refusal: Refusal) -> Result<(), Gone> {
        let wait = refusal.wait.unwrap_or_default().min(LONGEST_BLOCK);
        let name = bucket.name();
        self.wakes.tell(Word::Refusal {
            bucket: name.clone(),
            millis: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            is_pace: refusal.is_pace,
        });
        let mut script = self.refused.prepare_invoke();
        script.key(self.key(&name)).arg(micros(self.clock.ahead())).arg(micros(wait)).arg(u8::from(refusal.is_pace));
        script.arg(SLOWER).arg(SLOWEST).arg(BACK_PER_MICRO).arg(micros(TOGETHER));
        self.redis.run(&script).await.map_err(|_| Gone)
    }

    fn processes(&self) -> Option<u32> {
        self.redis.processes()
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
