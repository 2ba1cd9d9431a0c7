//! The back door: takes due jobs, does each, records how it ended.
//! Handlers are one file each in `jobs`; what an error means for a job stands in `outcome`; apalis is named in `runner` only.

mod finisher;
mod indexer;
mod jobs;
mod outcome;
mod run;
mod runner;
mod schedule;
mod supply;

pub use run::drain;
pub use runner::{Slots, Workers};
pub use schedule::{collect, tidy};
