//! The hand that moves the world from outside: what may be said (`wire`), how it is answered (`serve`), how it is asked (`client`).

mod client;
pub(crate) mod serve;
pub mod wire;

pub use client::Control;
pub use wire::*;
