//! Keeps the search index at the head of the change log. It is a reader of the log like any other; nothing queues work for it.

use std::{sync::Arc, time::Duration};

use hawser_domain::{App, Error, search};
use tokio::time::{sleep, timeout};

/// Changes that come close together are written together.
const GATHER: Duration = Duration::from_millis(200);
/// How soon another process's place is taken when that process is gone.
const TAKE_OVER: Duration = Duration::from_secs(5);
/// The pause after a failure: longer each time, and not for ever.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Follows the log for ever.
pub async fn run(app: Arc<App>) {
    let mut news = app.news.subscribe();
    let mut pause = FIRST_PAUSE;
    loop {
        // What is published from here on is read in the next turn.
        news.mark_unchanged();
        match search::catch_up(&app).await {
            Ok(caught) => {
                pause = FIRST_PAUSE;
                if caught.documents > 0 {
                    tracing::debug!(documents = caught.documents, "indexed");
                    sleep(GATHER).await;
                }
                let heard = news.changed();
                let ended = match caught.is_writer {
                    true => heard.await.is_err(),
                    false => matches!(timeout(TAKE_OVER, heard).await, Ok(Err(_))),
                };
                if ended {
                    return;
                }
            }
            Err(error) => {
                match &error {
                    Error::SearchUnavailable(why) => tracing::warn!(why, "the search index waits for its engine"),
                    _ => tracing::error!(%error, "cannot bring the search index up to date"),
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
