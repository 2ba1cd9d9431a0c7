//! A cloud on your own machine: real users, trees, bytes, revisions, change feeds and sign-in, spoken in the vendor's wire protocol.
//! In come HTTP requests shaped as the vendor documents them, by vendor Host header or below `/google/…`; out go the answers
//! the vendor would give. `/_sandbox/…` moves the world from outside: edit, share, trash, break, wait.
//! It imports nothing of the house, so that two independent readings of the same documentation keep each other honest.

mod call;
mod clock;
pub mod control;
mod error;
mod fault;
mod front;
mod google;
mod ids;
mod record;
mod running;
mod shared;

pub use error::Error;
pub use running::{Options, Running, start};
