//! The one outgoing client. In come requests from the clouds' adapters; out go answers fetched from a checked
//! address, within a time and a size, and errors that carry no token and no signed URL.

pub mod address;
mod answer;
mod client;
mod policy;
mod request;
mod retry_after;
mod scrub;

pub use answer::{Answer, Whole};
pub(crate) use answer::{asked_wait, mime_type};
pub use client::Client;
pub use policy::Policy;
pub use request::Request;
pub use retry_after::{MAX_RETRY_AFTER, retry_after};
pub use scrub::scrub;
