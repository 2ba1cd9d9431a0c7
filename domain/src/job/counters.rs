//! What this process has done with jobs since it began. Only ever added to; whoever shows the figures reads them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::Outcome;

/// Clones share the figures.
#[derive(Debug, Clone, Default)]
pub struct Counters(Arc<Figures>);

#[derive(Debug, Default)]
pub struct Figures {
    pub claimed: Figure,
    pub done: Figure,
    /// Failed in passing, to be tried again.
    pub again: Figure,
    pub parked: Figure,
    pub dead: Figure,
    pub cancelled: Figure,
    /// Claimed ahead, not begun, and given back.
    pub given_back: Figure,
    /// Writes refused because another worker had taken the job over: rare, and never silent.
    pub fenced: Figure,
    /// Taken back from workers that were lost.
    pub reaped: Figure,
    /// Given up because workers died under them.
    pub poisoned: Figure,
    /// Found by looking through the table, not through the bell.
    pub swept: Figure,
}

#[derive(Debug, Default)]
pub struct Figure(AtomicU64);

impl Figure {
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Ordering::Relaxed);
    }
}

impl std::ops::Deref for Counters {
    type Target = Figures;

    fn deref(&self) -> &Figures {
        &self.0
    }
}

impl Figures {
    pub(super) fn ended(&self, outcome: &Outcome) {
        let figure = match outcome {
            Outcome::Done => &self.done,
            Outcome::Again { .. } => &self.again,
            Outcome::Park { .. } => &self.parked,
            Outcome::Dead { .. } => &self.dead,
            Outcome::Cancelled => &self.cancelled,
            Outcome::NotBegun | Outcome::Back { .. } => &self.given_back,
        };
        figure.add(1);
    }
}
