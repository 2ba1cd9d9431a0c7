//! Operations that are called by a name instead of by their text: imported from the manifests that clients' compilers
//! write, found by their doors, and counted by who uses them. What a text says is checked where GraphQL is spoken.

mod import;
mod look;
pub mod manifest;
mod uses;

pub use hawser_entity::{persisted_operation::Model, persisted_operation_use::Model as Use};
pub use import::{Imported, import};
pub use look::{Used, called, count, every, find, list};
pub use manifest::Entry;
pub use uses::{Uses, follow, write_uses};

use sha2::{Digest, Sha256};

/// Bytes of a name that a client gives itself.
pub const CLIENT: usize = 64;

/// SHA-256 of a text.
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// The name as it is kept: manifests and clients write hashes with or without saying which kind they are.
pub fn key(name: &str) -> &str {
    name.strip_prefix("sha256:").unwrap_or(name)
}
