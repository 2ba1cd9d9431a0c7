//! Draws a picture of a document's content where the cloud draws none.

use hawser_domain::{App, Error, extraction};
use uuid::Uuid;

use super::Ending;

pub async fn run(app: &App, document_id: Uuid) -> Result<Ending<'_>, Error> {
    Ok(extraction::draw(app, document_id).await?.map_or(Ending::Plain, Ending::from))
}
