//! People: who they are, what they may do, how they come and go.

mod create;
mod disable;
mod look;
pub(crate) mod password;
mod password_change;
mod update;

pub use create::{New, create, ensure_first_admin};
pub use disable::{disable, enable};
pub use hawser_entity::user::Role;
pub(crate) use look::contains;
pub use look::{Filter, count, find, find_by_email, find_many, list, shows_email};
pub use password_change::{password_change, password_set};
pub use update::{Update, update};

use crate::{Error, Result};

/// A name as shown: trimmed, on one line, of at most 200 characters.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Error::invalid(&["input", "name"], "a name has 1 to 200 characters and no line breaks"));
    }
    Ok(name.to_owned())
}

/// An address as given, and as compared.
fn checked_email(email: &str) -> Result<(String, String)> {
    let email = email.trim();
    let parts = email.rsplit_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty());
    if parts.is_none() || email.chars().count() > 254 || email.chars().any(|it| it.is_control() || it.is_whitespace()) {
        return Err(Error::invalid(&["input", "email"], "this is not an e-mail address"));
    }
    Ok((email.to_owned(), email_key(email)))
}

pub(crate) fn email_key(email: &str) -> String {
    crate::name::key(email.trim())
}
