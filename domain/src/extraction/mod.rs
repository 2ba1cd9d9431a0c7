//! What is read out of contents: text, metadata and pictures. Bytes are downloaded once for each state of a content, read
//! once whatever the number of documents that hold them, and only ever by a child process with limits.

mod ask;
mod collect;
mod keep;
mod look;
mod metadata;
mod picture;
mod queue;
mod read;
mod source;
mod spool;

pub use hawser_extract::VERSION;

pub use ask::ask;
pub use collect::collect;
pub use look::{Excerpt, Standing, State, excerpt, of_many};
pub use metadata::{Facts, Origin, facts};
pub use picture::{SmallOnes, draw, of_bytes as picture_of_bytes, of_document as picture_of_document, small_of};
pub(crate) use queue::queue;
pub use queue::renew;
pub use read::extract;
