//! Groups of people.

use crate::{Result, Write};

/// Makes the built-in group of everyone in a new database.
pub(crate) async fn found(_w: &Write<'_>) -> Result<()> {
    Ok(())
}
