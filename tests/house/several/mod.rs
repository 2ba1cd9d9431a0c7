//! Several processes on one database: what they tell each other through Redis, and how they do without.

mod clock;
mod counter;
mod healing;
mod news;
mod pacing;
mod person;
mod refresh;

use std::{future::Future, sync::Arc, time::Duration};

use hawser_domain::{App, change};
use hawser_tests::{House, Server};
use secrecy::SecretString;
use tokio::task::JoinHandle;

/// For what has to happen sooner or later: a machine may be slow.
const LONG: Duration = Duration::from_secs(60);

pub async fn soon<T>(what: &str, fact: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, fact).await.unwrap_or_else(|_| panic!("{what} did not happen"))
}

/// A house whose processes share this Redis.
pub async fn house_on(redis: &Server) -> House {
    let url = redis.url();
    House::with(|config| config.redis_url = Some(SecretString::from(url))).await
}

/// Hears of what other processes do, until dropped.
pub struct Follower(JoinHandle<()>);

impl Follower {
    pub fn of(app: &Arc<App>) -> Self {
        Self(tokio::spawn(change::follow(app.clone())))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits until this process hears the others, or does not.
pub async fn hears(app: &App, hears: bool) {
    let mut hearing = app.wakes.hearing();
    let what = if hears { "hearing" } else { "noticing that nobody is heard" };
    soon(what, hearing.wait_for(|it| *it == hears)).await.unwrap();
}
