//! Documents: the tree of workspaces, folders and what is in them. Every verb checks rights and tokens inside its
//! transaction, answers a repeated idempotency key, and writes audit and change log with the facts.
//!
//! Workspaces stand at the root and everything else below them. A change of a whole subtree is a few statements whatever
//! its size; the change log then gets a line for its root and for each document below that has access rules of its own,
//! which reaches everybody who could see any of it.

pub mod check;
mod children;
mod create;
mod delete;
mod find;
mod history;
mod insert;
mod list;
mod order;
mod place;
mod rename;
mod trash;
mod tree;

pub use children::children;
pub use create::{New, create};
pub use delete::{Delete, Empty, delete, empty_trash};
pub use find::{ancestors, find, find_many};
pub use history::history;
pub use insert::{OnTaken, insert, mark};
pub use list::{Cursor, Filter, Key, Life, List, Order, Sort, Within, count, list};
pub use order::{Reorder, Side, reorder};
pub use place::{Move, move_to};
pub(crate) use rename::follow;
pub use rename::{Rename, rename};
pub use trash::{Restore, Trash, restore, trash};

pub use hawser_entity::document::{DocumentKind, Model};

pub(crate) use find::{ancestor_documents, begin, expect_name_token, find_in};
pub(crate) use tree::Lock;

#[cfg(test)]
pub(crate) mod ground;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod trash_tests;
#[cfg(test)]
mod verb_tests;
