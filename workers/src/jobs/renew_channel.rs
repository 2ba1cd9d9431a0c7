//! Opens a push channel for a feed, before the one before it ends.

use hawser_domain::{App, Error, feed};
use uuid::Uuid;

use super::Ending;

pub async fn run(app: &App, feed_id: Uuid) -> Result<Ending<'_>, Error> {
    feed::renew_channel(app, feed_id).await?;
    Ok(Ending::Plain)
}
