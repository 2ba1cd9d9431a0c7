//! What one process tells the others through Redis, right after a commit, so that nobody there has to wait until they
//! look. It is only ever a hint: the database is the truth, everybody looks there at times of their own, too, and what a
//! word that was lost, came twice or too late spoils is a moment, never a fact.

mod hear;
mod tell;

pub(crate) use hear::hear;
use serde::{Deserialize, Serialize};
pub use tell::Wakes;
use uuid::Uuid;

const CHANNEL: &str = "wake";

/// What can be told. Processes of another version may not know a word: a message holds several, and each is read by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// The change log has grown to here.
    Head(i64),
    /// A sign-in ended.
    Ending,
    /// A token, a person or a group changed.
    Standing,
    /// A connection's tokens were renewed, or whoever tried has stopped.
    Renewal(Uuid),
    /// A cloud refused a call that pays from this bucket.
    Refusal { bucket: String, millis: u64, is_pace: bool },
}
