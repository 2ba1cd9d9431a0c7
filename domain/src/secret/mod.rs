//! Secrets at rest: sealed values name their key, and are bound to the row they stand in.

mod keyring;
mod rotate;
mod sealed;

pub use keyring::{Key, Keyring};
pub(crate) use rotate::strangers;
pub use rotate::{COLUMNS, Column, Rotated, Use, rotate, uses};
pub use sealed::{Place, open, seal};
