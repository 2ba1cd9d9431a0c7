//! Keeps the cloud's picture of a file as a blob.

use hawser_domain::{App, Error, content};
use uuid::Uuid;

use super::Ending;

pub async fn run(app: &App, document_id: Uuid) -> Result<Ending<'_>, Error> {
    Ok(content::fetch_thumbnail(app, document_id).await?.map_or(Ending::Plain, Ending::from))
}
