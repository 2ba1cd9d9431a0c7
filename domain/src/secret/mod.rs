//! Secrets at rest: sealed values name their key, and are bound to the row they stand in.

mod keyring;
mod sealed;

pub use keyring::{Key, Keyring};
pub use sealed::{Place, open, seal};
