//! Connections to cloud accounts.

/// Refreshes under way in this process, one per connection at most.
#[derive(Debug, Default)]
pub struct Refreshes;
