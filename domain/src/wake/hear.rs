//! Hears the other processes on a connection of its own, which is made again whenever it breaks. Between two connections
//! anything may have been told, so each begins as if everything had.

use std::time::Duration;

use hawser_providers::pacing::Refusal;

use super::{CHANNEL, Word};
use crate::{App, change, redis::Lost};

/// The pause before the second try, doubled with each that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Well below the time in which a Redis that is back has to be in use again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Passes on to this process what others tell. Runs until dropped; without a Redis there is nothing to hear.
pub(crate) async fn hear(app: &App) {
    let Some(redis) = &app.redis else { return std::future::pending().await };
    let _deaf = Deaf(app);
    let mut pause = FIRST_PAUSE;
    loop {
        if let Ok(mut channel) = redis.channel(CHANNEL).await {
            pause = FIRST_PAUSE;
            app.standings.forget();
            app.endings.publish();
            app.wakes.hear(true);
            while let Ok(message) = channel.next().await.map_err(|Lost| app.wakes.hear(false)) {
                if let Some(message) = message {
                    take(app, &message).await;
                }
            }
        }
        tokio::time::sleep(pause.mul_f64(0.5 + 0.5 * app.randomness.fraction())).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whoever stops hearing says so.
struct Deaf<'a>(&'a App);

impl Drop for Deaf<'_> {
    fn drop(&mut self) {
        self.0.wakes.hear(false);
    }
}

async fn take(app: &App, message: &[u8]) {
    let words: Vec<serde_json::Value> = serde_json::from_slice(message).unwrap_or_default();
    for word in words {
        match serde_json::from_value(word) {
            Ok(Word::Head(head)) => {
                if head > app.news.head() {
                    look(app).await;
                }
            }
            Ok(Word::Ending) => app.endings.publish(),
            Ok(Word::Standing) => app.standings.forget(),
            Ok(Word::Renewal(connection)) => app.wakes.heard_of_renewal(connection),
            Ok(Word::Refusal { bucket, millis, is_pace }) => {
                let wait = Some(Duration::from_millis(millis));
                app.http.pacing().heard(&bucket, Refusal { wait, is_pace });
            }
            Err(_) => {}
        }
    }
}

/// The head as the database has it: a number from Redis may be somebody else's.
async fn look(app: &App) {
    match change::head(app).await {
        Ok(position) => app.news.publish(position.seq),
        Err(error) => tracing::error!(%error, "cannot read the head of the change log"),
    }
}
