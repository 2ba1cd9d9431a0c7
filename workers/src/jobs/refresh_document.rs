//! Reads one document's file anew, because somebody asked.

use hawser_domain::{App, Error, content};
use uuid::Uuid;

use super::Ending;

pub async fn run(app: &App, document_id: Uuid) -> Result<Ending<'_>, Error> {
    Ok(content::refresh(app, document_id).await?.map_or(Ending::Plain, Ending::from))
}
