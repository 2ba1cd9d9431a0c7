//! Who else is there: each process says every few seconds that it is, and learns how many are. By the way it learns
//! whether Redis answers, so that what is known of that is never old, and sends what could not be sent before.

use std::{sync::atomic::Ordering, time::Duration};

use redis::Script;
use tokio::time::Instant;

use crate::App;

const EVERY: Duration = Duration::from_secs(2);
/// Seconds after which somebody who has said nothing is not counted.
const GONE_AFTER: u64 = 15;
/// For so long a count is not replaced by a smaller one.
const TRUSTED: Duration = Duration::from_secs(60);

/// Counts until dropped; without a Redis there is nobody else.
pub(crate) async fn count(app: &App) {
    let Some(redis) = &app.redis else { return std::future::pending().await };
    let script = Script::new(include_str!("processes.lua"));
    let (key, own) = (redis.key("processes"), app.randomness.id(app.clock.now()).to_string());
    let (mut known, mut known_at) = (0, Instant::now());
    loop {
        let mut asking = script.key(&key);
        asking.arg(&own).arg(GONE_AFTER);
        if let Ok(count) = redis.run::<u32>(&asking).await {
            // A Redis that has forgotten everybody hears of them again one by one.
            if count >= known || known_at.elapsed() > TRUSTED {
                (known, known_at) = (count, Instant::now());
                redis.state.processes.store(count, Ordering::Release);
            }
            app.wakes.repeat();
        }
        tokio::time::sleep(EVERY).await;
    }
}
