//! GraphQL over HTTP: one operation by POST or GET, or several in a POST. Faults of the request itself are answered in
//! GraphQL's own form, so that clients show them. <https://graphql.github.io/graphql-over-http/draft/>

mod answer;
mod batch;
mod door;
mod read;
mod refusal;
mod status;

pub use answer::json;
pub use door::{get, other, post};
pub use refusal::Refusal;
