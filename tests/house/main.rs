//! The whole house under test: one binary, one module per noun.

mod migrations;
mod people;
