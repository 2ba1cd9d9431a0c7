//! Files over the wire: find, read, export, create, change, copy, delete, upload.

pub mod create;
pub mod delete;
pub mod export;
pub mod get;
pub mod links;
pub mod list;
pub mod media;
pub mod multipart;
pub mod patch;
pub mod render;
pub mod update;
pub mod upload;

/// What `get`, `create` and the others show when no mask is sent.
pub const DEFAULT: &str = "kind,id,name,mimeType";
