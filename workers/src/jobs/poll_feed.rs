use super::Ending;
use hawser_domain::{App, Error, job::Claimed};
use uuid::Uuid;
pub async fn run<'a>(_app: &'a App, _job: &Claimed, _feed_id: Uuid) -> Result<Ending<'a>, Error> {
    Ok(Ending::Plain)
}
