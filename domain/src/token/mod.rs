//! What callers sign in with: sessions from a password, personal tokens made by hand.

mod authenticate;
pub(crate) mod secret;

pub use authenticate::{authenticate, authenticate_again};
