//! The rules of each noun: what may happen, in which transaction, what to do later and what to announce.
//! Doors (api, workers) come in with a principal and plain values; tables and clouds meet nowhere else.

pub mod acl;
pub mod app;
pub mod audit;
pub mod blob;
pub mod change;
pub mod clock;
pub mod cloud_file;
pub mod config;
pub mod connection;
pub mod content;
pub mod database;
pub mod disturbance;
pub mod document;
pub mod error;
pub mod extraction;
pub mod feed;
pub mod fsck;
pub mod group;
pub mod health;
pub mod idempotency;
pub mod job;
pub mod metric;
pub mod name;
pub mod page;
pub mod persisted_operation;
pub mod principal;
pub mod provider;
pub mod randomness;
pub mod redis;
pub mod search;
pub mod secret;
pub mod ticket;
pub mod token;
pub mod user;
pub mod wake;
mod write;

pub use app::App;
pub use error::{Error, Result};
pub use hawser_entity as entity;
pub use hawser_providers as providers;
pub use principal::Principal;
pub use write::Write;
