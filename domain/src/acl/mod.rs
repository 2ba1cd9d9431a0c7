//! Who may do what with a document.
//!
//! - An *entry* gives a principal (a user, a group, everyone) READ, WRITE or ADMIN on one document; each includes those before it.
//! - Entries reach everything below, and add up: what holds for a principal is the greatest of the entries on the way up.
//! - A document that *blocks inheritance* cuts off the entries above it for itself and everything below; its own entries hold.
//! - A user has what is given to them, to any of their groups and to everyone. Users with the role ADMIN see and may everything.
//! - The result is kept: `acl_grant` holds the effective rights at each root and each document with entries or a block, and
//!   `document.acl_id` points to the nearest of these. One lookup answers `can`, one condition answers `visible`.

mod edit;
mod look;
mod membership;
mod right;
mod settle;

pub(crate) use edit::put;
pub use edit::{Block, Grant, Revoke, block_inheritance, grant, revoke};
pub use hawser_entity::acl_entry::Permission;
pub use look::{Entry, Rules, rules};
pub(crate) use membership::announce_group;
pub use right::{audience, can, permission, permissions, visible, with_permission};
pub(crate) use right::{before, name_of, readable, visible_in_order};
pub(crate) use settle::settle;

#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod verb_tests;
