//! The whole house under test: one binary, one module per noun.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

mod acl;
mod bell;
mod bytes;
mod change;
mod chaos;
mod connection;
mod consent;
mod content;
mod database;
mod document;
mod errors;
mod extraction;
mod extraction_child;
mod extraction_hostile;
mod extraction_tools;
mod feed;
mod fuzz;
mod graphiql;
mod group;
mod harness;
mod hostile;
mod job;
mod job_scale;
mod limits;
mod live;
mod migrations;
mod pages;
mod people;
mod persisted_operation;
mod provider;
mod reader;
mod schema;
mod search;
mod search_elastic;
mod search_table;
mod several;
mod socket;
mod token;
mod transport;
mod upkeep;
mod worker;
