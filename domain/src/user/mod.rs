//! People: who they are, what they may do, how they come and go.

mod look;
mod update;

pub use look::{find, find_many, shows_email};
pub use update::{Update, update};

use crate::{Error, Result};

/// A name as shown: trimmed, on one line, of at most 200 characters.
fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Error::invalid(&["input", "name"], "a name has 1 to 200 characters and no line breaks"));
    }
    Ok(name.to_owned())
}
