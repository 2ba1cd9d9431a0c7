//! Reading one file: bytes in; text, metadata and pictures out. A leaf: it knows nothing of the house.
//! `text` and `picture` read bytes that may be hostile, and so run in a child process with limits only; `child` is both
//! ends of that: what the child does, and how it is started and listened to.

pub mod child;
pub mod detect;
mod media;
pub mod picture;
mod report;
mod source;
pub mod text;
pub mod tools;

pub use report::{Metadata, Outcome, Report, VERSION};
pub use source::{Fault, Source};
