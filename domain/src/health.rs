//! Whether this process can serve. Without the database it cannot; without Redis, the search engine or the store of blobs
//! it serves less well and says so. Anybody may ask at any rate, so what those say is kept for a second.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::Mutex;

use crate::{App, blob, search};

/// The longest that any part may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what the others say is good for, in milliseconds.
const KEPT: i64 = 1000;

/// What of the house does not work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why it cannot serve; empty when it can.
    pub faults: Vec<&'static str>,
    /// What it has to do without.
    pub warnings: Vec<&'static str>,
}

impl Health {
    pub fn is_ready(&self) -> bool {
        self.faults.is_empty()
    }
}

/// What a process knows of its own readiness. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_leaving: AtomicBool,
    /// The names of the steps that the tables must have gone through.
    steps: OnceLock<Vec<String>>,
    last: Mutex<Option<(DateTime<Utc>, Vec<&'static str>)>>,
}

impl Readiness {
    /// From now on the process takes nothing new: whoever spreads requests sends them elsewhere.
    pub fn leave(&self) {
        self.0.is_leaving.store(true, Ordering::Release);
    }

    pub fn is_leaving(&self) -> bool {
        self.0.is_leaving.load(Ordering::Acquire)
    }

    /// Says which steps of the tables this program was written for; the first word counts.
    pub fn expect(&self, steps: Vec<String>) {
        let _ = self.0.steps.set(steps);
    }
}

pub async fn look(app: &App) -> Health {
    if app.readiness.is_leaving() {
        return Health { faults: vec!["this process is about to end"], warnings: Vec::new() };
    }
    let (database, warnings) = tokio::join!(database(app), warnings(app));
    Health { faults: database.into_iter().collect(), warnings }
}

/// What others than the database lack; a moment ago's is good enough.
async fn warnings(app: &App) -> Vec<&'static str> {
    let mut last = app.readiness.0.last.lock().await;
    let now = app.clock.now();
    if let Some((at, warnings)) = &*last
        && (now - *at).num_milliseconds() < KEPT
    {
        return warnings.clone();
    }
    let (redis, blobs, search) = tokio::join!(redis(app), blob::answers(&app.blobs), search(app));
    let blobs = (!blobs).then_some("the store of blobs does not answer");
    let warnings: Vec<_> = redis.into_iter().chain(search).chain(blobs).collect();
    *last = Some((now, warnings.clone()));
    warnings
}

/// What is wrong with the database.
async fn database(app: &App) -> Option<&'static str> {
    let db = app.database.read();
    let sql = "SELECT version FROM seaql_migrations";
    let asked = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql));
    let rows = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(rows)) => rows,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            return Some("the database does not answer");
        }
        Err(_) => return Some("the database does not answer in time"),
    };
    let done: Vec<String> = rows.iter().filter_map(|row| row.try_get("", "version").ok()).collect();
    let missing = app.readiness.0.steps.get().into_iter().flatten().any(|step| !done.contains(step));
    missing.then_some("the tables are not up to date; run `hawser migrate`")
}

async fn redis(app: &App) -> Option<&'static str> {
    let redis = app.redis.as_ref()?;
    let answer = redis.ask::<String>(&redis::cmd("PING")).await;
    answer.is_err().then_some("Redis does not answer; work goes on without, more slowly")
}

async fn search(app: &App) -> Option<&'static str> {
    let answer = tokio::time::timeout(PATIENCE, search::status(app)).await;
    (!matches!(answer, Ok(Ok(_)))).then_some("the search engine does not answer; nothing can be searched")
}
