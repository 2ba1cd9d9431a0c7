//! One job from claim to end, and all that are due in one go for tests and commands.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures::FutureExt;
use hawser_domain::{
    App, Error,
    entity::job::JobClass,
    job::{self, Claimed, Outcome},
};
use tracing::Instrument;

use crate::{
    jobs::{self, Ending},
    outcome,
};

/// Longer than any handler should take, far shorter than for ever.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// Runs a job. Effects are committed here together with the job's end; what is left to record comes back. Whatever is
/// logged meanwhile names the job.
pub async fn run(app: &App, job: &Claimed) -> Option<Outcome> {
    let (id, kind, attempt) = (job.row.id, job.work.kind(), job.row.attempt);
    let begun = Instant::now();
    let end = attempt_it(app, job).instrument(tracing::info_span!("job", job_id = %id, kind, attempt)).await;
    app.metrics.ran(kind, begun.elapsed());
    end
}

/// `None` when the end is recorded with the effects, or another worker has the job by now.
async fn attempt_it(app: &App, job: &Claimed) -> Option<Outcome> {
    let handler = AssertUnwindSafe(jobs::dispatch(app, job)).catch_unwind();
    let error = match tokio::time::timeout(TIME_LIMIT, handler).await {
        Ok(Ok(Ok(Ending::Plain))) => return Some(Outcome::Done),
        Ok(Ok(Ok(Ending::With(w)))) => match job::finish(*w, job, &Outcome::Done).await {
            Ok(()) => return None,
            Err(error) => error,
        },
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => return Some(outcome::of_panic(app, job)),
        Err(_) => return Some(outcome::of_timeout(app, job)),
    };
    report(job, &error);
    outcome::of_error(app, job, &error)
}

fn report(job: &Claimed, error: &Error) {
    let (id, kind, attempt) = (job.row.id, &job.row.kind, job.row.attempt);
    match error {
        Error::Internal(_) | Error::Unavailable(_) | Error::Database(_) | Error::Blob(_) => {
            tracing::error!(%id, kind, attempt, %error, "job failed")
        }
        _ => tracing::info!(%id, kind, attempt, %error, "job did not succeed"),
    }
}

/// Runs everything that is due, and what that makes due, one after another. Returns how many runs there were.
pub async fn drain(app: &App) -> Result<usize, Error> {
    let mut runs = 0;
    loop {
        let (mut claimed, mut is_due) = (Vec::new(), false);
        for class in [JobClass::Interactive, JobClass::Sync, JobClass::Heavy] {
            claimed.extend(job::claim(app, "drain", class, 50).await?);
            is_due = is_due || job::is_due(app, class).await?;
        }
        if claimed.is_empty() && !is_due {
            return Ok(runs);
        }
        for job in claimed {
            runs += 1;
            if let Some(outcome) = run(app, &job).await {
                job::finish_many(app, &[(job, outcome)]).await?;
            }
        }
    }
}
