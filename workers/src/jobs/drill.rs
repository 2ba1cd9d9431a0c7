//! Takes its time and leaves one line in the audit, in the transaction of its end: what long work is rehearsed with.

use std::time::Duration;

use hawser_domain::{App, Error, job::Claimed, principal::Actor};
use serde_json::json;

use super::Ending;

pub async fn run<'a>(app: &'a App, job: &Claimed, millis: u32) -> Result<Ending<'a>, Error> {
    tokio::time::sleep(Duration::from_millis(millis.into())).await;
    let w = app.write(Actor::System).await?;
    w.audit("job.drill", "job", Some(job.row.id), json!({ "attempt": job.row.attempt })).await?;
    Ok(w.into())
}
