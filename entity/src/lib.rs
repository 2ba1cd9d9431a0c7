//! Tables as Rust: one file per table, models and scoped finders, no rules.
//! Timestamps are UTC with microseconds; ids are UUIDs (v7).

pub mod acl_entry;
pub mod acl_grant;
pub mod audit_entry;
pub mod blob;
pub mod change;
pub mod channel;
pub mod connection;
pub mod connection_share;
pub mod content;
pub mod document;
pub mod document_ancestor;
pub mod extraction;
pub mod feed;
pub mod group;
pub mod group_member;
pub mod idempotency;
pub mod job;
pub mod oauth_flow;
pub mod persisted_operation;
pub mod persisted_operation_use;
pub mod picture;
pub mod provider;
pub mod reading;
pub mod rendition;
pub mod repository;
pub mod schedule;
pub mod secret_check;
pub mod token;
pub mod user;
