//! Feeds: cursors into a cloud's changes, one per connection and one per shared drive seen through it.
//! Push and schedule only ask for a poll; there is one poll path, and effects commit together with the cursor.

mod channel;
mod open;
mod poll;
mod reconcile;

pub use channel::{PushOutcome, purge_channels, receive_push, renew_channel};
pub(crate) use channel::{stop_pushes, stop_pushes_of};
pub(crate) use open::{catch_up, close_all, of_place, reschedule};
pub use open::{find, list, open, open_missing, poll_now, poll_soon};
pub use poll::{Polled, poll};
