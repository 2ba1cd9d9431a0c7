//! The change log: one gapless sequence for the whole repository, and the news that it grew.
//! Sound because every writer bumps the one head row last and holds it until its commit is visible.

mod chapter;
mod deliver;
mod log;
mod news;
mod purge;
mod window;

pub use deliver::{Delivery, Heard, deliver, deliver_on};
pub use log::{Batch, Line, New, Position, commit_changes, head, read};
pub(crate) use log::{found, repository_row};
pub use news::{News, follow};
pub use purge::purge;
pub(crate) use window::FRESH;
pub use window::{Window, holds};
