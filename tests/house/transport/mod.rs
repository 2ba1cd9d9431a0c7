//! GraphQL over HTTP and as server-sent events, on the wire.

mod answer;
mod audit;
mod batch;
mod compress;
mod cookie;
mod cors;
mod get;
mod resume;
mod sse;
