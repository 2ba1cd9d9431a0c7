//! What an error means for the job it ended: again later, parked until the connection works, or never.

use chrono::{DateTime, Utc};
use hawser_domain::{
    App, Error,
    job::{Claimed, Outcome},
    providers::{ErrorKind, Retry},
};

/// First wait of the backoff, in seconds.
const BASE: f64 = 2.0;
/// Longest wait of the backoff, in seconds.
const CAP: f64 = 15.0 * 60.0;

/// `None` when the job is no longer ours to record.
pub fn of_error(app: &App, job: &Claimed, error: &Error) -> Option<Outcome> {
    let again = |at: DateTime<Utc>, code: &str, counts: bool| {
        Some(Outcome::Again { at, error: error.to_string(), code: code.to_owned(), counts })
    };
    let backoff = app.clock.now() + full_jitter(job.row.attempt, app.randomness.fraction());
    match error {
        Error::Fenced => None,
        Error::NeedsReauth { .. } => Some(Outcome::Park { error: error.to_string() }),
        Error::ProviderUnavailable { retry_at, .. } => again(retry_at.unwrap_or(backoff), "PROVIDER_UNAVAILABLE", true),
        Error::Cloud(cloud) => {
            let code = format!("{:?}", cloud.kind).to_uppercase();
            let limited = matches!(cloud.kind, ErrorKind::RateLimited | ErrorKind::QuotaExhausted);
            match cloud.retry {
                Retry::After(wait) => again(app.clock.now() + wait, &code, !limited),
                Retry::Backoff => again(backoff, &code, !limited),
                Retry::Never => Some(Outcome::Dead { error: error.to_string(), code }),
            }
        }
        Error::SearchUnavailable(why) => {
            let code = "SEARCH_UNAVAILABLE".to_owned();
            Some(Outcome::Again { at: backoff, error: format!("{error}: {why}"), code, counts: false })
        }
        Error::Unavailable(_) => again(backoff, "UNAVAILABLE", false),
        // Nothing of it was kept, and it was not the job's fault.
        error if error.was_disturbed() => again(backoff, "DISTURBED", false),
        Error::Database(_) | Error::Blob(_) | Error::Internal(_) => again(backoff, "INTERNAL", true),
        _ => Some(Outcome::Dead { error: error.to_string(), code: "PERMANENT".to_owned() }),
    }
}

/// A handler that panicked is tried again like any passing trouble, and given up like it.
pub fn of_panic(app: &App, job: &Claimed) -> Outcome {
    let at = app.clock.now() + full_jitter(job.row.attempt, app.randomness.fraction());
    Outcome::Again { at, error: "the handler panicked".to_owned(), code: "PANIC".to_owned(), counts: true }
}

/// A handler that ran too long.
pub fn of_timeout(app: &App, job: &Claimed) -> Outcome {
    let at = app.clock.now() + full_jitter(job.row.attempt, app.randomness.fraction());
    Outcome::Again { at, error: "the job ran too long".to_owned(), code: "TIMEOUT".to_owned(), counts: true }
}

/// Between zero and `min(CAP, BASE * 2^attempt)`, evenly: no two jobs that failed together come back together.
fn full_jitter(attempt: i32, fraction: f64) -> chrono::Duration {
    let most = (BASE * 2f64.powi(attempt.clamp(0, 30))).min(CAP);
    #[allow(clippy::cast_possible_truncation, reason = "at most 900,000 milliseconds")]
    let millis = (most * fraction * 1000.0) as i64;
    chrono::Duration::milliseconds(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_to_its_cap_and_spreads_evenly() {
        assert_eq!(full_jitter(1, 0.0).num_milliseconds(), 0);
        assert_eq!(full_jitter(1, 0.5).num_milliseconds(), 2000);
        assert_eq!(full_jitter(3, 1.0).num_milliseconds(), 16_000);
        assert_eq!(full_jitter(30, 1.0).num_milliseconds(), 900_000);
        assert_eq!(full_jitter(i32::MAX, 1.0).num_milliseconds(), 900_000);
    }
}
