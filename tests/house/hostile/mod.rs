//! Callers, clouds and operators at their worst. What they may expect stands in tables that a new field of the schema
//! has to be entered into; what they send is made from the schema itself.

mod arguments;
mod cast;
mod clouds;
mod contract;
pub mod dump;
mod hearing;
mod matrix;
mod requests;
mod scenes;
pub mod server;
mod start;
mod table;
