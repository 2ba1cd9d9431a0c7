//! The whole house under test: one binary, one module per noun.

// As in the program: the layout of an operation's future, when the compiler optimises.
#![recursion_limit = "256"]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

mod acl;
mod bell;
mod blob;
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
mod fsck;
mod fuzz;
mod graphiql;
mod group;
mod harness;
mod health;
mod hostile;
mod job;
mod job_scale;
mod keys;
mod limits;
mod live;
mod manual;
mod metrics;
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
mod secrets;
mod several;
mod socket;
mod telemetry;
mod tls;
mod token;
mod transport;
mod upkeep;
mod worker;
