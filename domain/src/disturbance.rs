//! Transactions that the database gave up for the sake of another's: two that waited for each other, or a state that could
//! not be held. Nothing of them was kept, and the same once more may succeed. Nothing else is ever done again here; that the
//! database is gone is told from everything else, for the caller to say so.

use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::{App, Error, Result};

/// How often something is tried before its caller hears of it.
pub const TRIES: u32 = 5;
/// The longest pause before the first repetition; it grows with each.
const PAUSE: Duration = Duration::from_millis(20);

/// SQLSTATEs: the serialisation failed, and a deadlock was found.
const DISTURBED: [&str; 2] = ["40001", "40P01"];

impl Error {
    /// Whether a transaction was given up for another's sake, and nothing of it was kept.
    pub fn was_disturbed(&self) -> bool {
        matches!(self, Self::Database(error) if state(error).is_some_and(|state| DISTURBED.contains(&state.as_str())))
    }
}

/// What the database calls the failure.
fn state(error: &DbErr) -> Option<String> {
    match driver(error)? {
        sqlx::Error::Database(told) => told.code().map(|code| code.into_owned()),
        _ => None,
    }
}

fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner))
        | DbErr::Conn(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

/// Whether the database was not there to answer: no connection became free, or the one in use broke.
pub(crate) fn is_gone(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return true;
    }
    match driver(error) {
        // The server ends, ends us, or begins; or it has no room for one more.
        Some(sqlx::Error::Database(told)) => {
            told.code().is_some_and(|code| ["57P01", "57P02", "57P03", "53300"].contains(&code.as_ref()))
        }
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            // A server that is about to go says so in words that nobody asked for.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed,
        ) => true,
        _ => false,
    }
}

/// Whether a text was to be kept or looked for that PostgreSQL takes for none.
pub(crate) fn is_no_text(error: &DbErr) -> bool {
    state(error).is_some_and(|state| ["22021", "22P05"].contains(&state.as_str()))
}

/// Does what a verb does in one transaction, and again where that was disturbed. A verb that asks a cloud for something
/// that can be had but once keeps it outside.
pub async fn retried<T, F: Future<Output = Result<T>>>(app: &App, verb: impl Fn() -> F) -> Result<T> {
    let mut tries = 1;
    loop {
        match verb().await {
            Err(error) if error.was_disturbed() && tries < TRIES => {
                tracing::debug!(%error, tries, "a transaction was disturbed and is tried again");
                pause(app, tries).await;
                tries += 1;
            }
            done => return done,
        }
    }
}

/// Lets the others pass: whoever was disturbed together does not come back together.
pub async fn pause(app: &App, tries: u32) {
    tokio::time::sleep(PAUSE.mul_f64(f64::from(tries) * app.randomness.fraction())).await;
}
