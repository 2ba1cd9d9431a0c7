//! Shows that the path of a job works. With `note` it leaves one line in the audit, in the transaction of its end.

use hawser_domain::{App, Error, job::Claimed, principal::Actor};
use serde_json::json;

use super::Ending;

pub async fn run<'a>(app: &'a App, job: &Claimed, note: bool) -> Result<Ending<'a>, Error> {
    if !note {
        return Ok(Ending::Plain);
    }
    let w = app.write(Actor::System).await?;
    w.audit("job.probe", "job", Some(job.row.id), json!({ "attempt": job.row.attempt })).await?;
    Ok(w.into())
}
