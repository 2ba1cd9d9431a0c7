use super::Ending;
use hawser_domain::{App, Error};
use uuid::Uuid;
pub async fn run(_app: &App, _document_id: Uuid) -> Result<Ending<'_>, Error> {
    Ok(Ending::Plain)
}
