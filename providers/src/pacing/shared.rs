//! Buckets that several processes take from together, wherever those are kept.

use std::time::Duration;

use async_trait::async_trait;

use super::{Bucket, Refusal};

/// The store of buckets behind all processes.
#[async_trait]
pub trait Shared: std::fmt::Debug + Send + Sync {
    /// Takes the units from all of these buckets, or from none of them.
    ///
    /// # Errors
    /// `Gone` when the store does not answer.
    async fn take(&self, dues: &[Due<'_>], most: Duration) -> Result<Answer, Gone>;

    /// Makes a cloud's refusal known to all.
    ///
    /// # Errors
    /// `Gone` when the store does not answer.
    async fn refused(&self, bucket: &Bucket, refusal: Refusal) -> Result<(), Gone>;

    /// How many processes take from these buckets, as far as was ever known.
    fn processes(&self) -> Option<u32>;
}

/// What is due to one bucket.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    pub bucket: &'a Bucket,
    /// 0 only asks whether a call that is paid for may still be made.
    pub units: u32,
    /// Whether this process went without the store meanwhile: what the bucket had saved up is then taken as spent.
    pub was_away: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The units are taken, and the call may be made after so long, which is at most what was asked for.
    Go(Duration),
    /// Nothing is taken; asking again makes sense after so long.
    Later(Duration),
}

/// The store does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;
