//! Jobs: the row that is the truth (add, claim, finish), the bell that wakes workers, and the clock's part.

mod add;
mod bell;
mod claim;
mod finish;
mod kinds;
mod look;
mod order;
mod rank;
mod reap;
pub mod schedule;

pub use add::New;
pub use bell::{Bell, Heard, Listener};
pub use claim::{Claimed, Room, claim, claim_next, claim_these, is_due};
pub use finish::{Outcome, finish, finish_many};
pub use kinds::Work;
pub use look::{COUNTED, Count, Filter, count, find, list};
pub use order::{cancel, retry};
pub(crate) use order::{cancel_connection, park_connection, resume_connection};
pub use reap::{Reaped, beat, hand_back, purge, reap};
