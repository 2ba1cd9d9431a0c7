//! The harness of the house under test: a private database per test, real doors, real workers, a local cloud.
//! A test starts a `House`, acts as its people, and is failed when it leaves work lying about.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a harness fails by panicking")]

mod ask;
mod bare;
mod bucket;
pub mod chaos;
mod child;
mod cloud;
mod column;
pub mod crowd;
mod drain;
mod events;
pub mod fleet;
mod house;
mod people;
mod program;
mod redact;
mod scene;
mod serve;
mod servers;
mod socket;
pub mod specimen;
mod storm;
mod template;
mod until;

pub use bare::Bare;
pub use bucket::Bucket;
pub use child::{Ground, inherited};
pub use cloud::{Cloud, agreeing, parameter};
pub use column::Column;
pub use events::{Event, Events};
pub use house::House;
pub use people::Person;
pub use program::program;
pub use redact::{redacted, without_cost};
pub use scene::{ACCOUNT, Scene, reading};
pub use serve::Served;
pub use servers::Server;
pub use socket::{Heard, Socket};
pub use storm::{Storm, Weathered, storm};
pub use until::lasting;
