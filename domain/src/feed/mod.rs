//! Feeds: cursors into a cloud's changes, one per connection and one per shared drive seen through it.

use hawser_entity::{connection, feed};
use uuid::Uuid;

use crate::{App, Error, Result, Write};

/// Opens the feed of an account (`drive_id` absent) or of a shared drive: the cursor is fetched before the first
/// metadata read, so that no change in between is lost. An open feed is returned as it is.
pub async fn open(_app: &App, _connection: &connection::Model, _drive_id: Option<&str>) -> Result<feed::Model> {
    Err(Error::Internal("feeds are not open yet".into()))
}

/// Stops reading a connection's feeds.
pub(crate) async fn close_all(_w: &mut Write<'_>, _connection_id: Uuid) -> Result<()> {
    Ok(())
}
