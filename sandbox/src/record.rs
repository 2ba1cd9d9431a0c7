//! Every vendor request that came in, so that a test can count what a client really asked.
//! Kept in memory, newest last; the oldest fall off beyond a bound so that a bench cannot fill the machine.

use std::collections::VecDeque;

use crate::{control::wire::Recorded, fault::glob};

const KEPT: usize = 200_000;

#[derive(Debug, Default)]
pub struct Recorder {
    kept: VecDeque<Recorded>,
    total: u64,
}

impl Recorder {
    pub fn add(&mut self, mut entry: Recorded) {
        self.total += 1;
        entry.number = self.total;
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(entry);
    }

    /// Requests whose path matches `path` (a glob; everything when absent), from number `after` on.
    pub fn matching(&self, path: Option<&str>, after: u64) -> impl Iterator<Item = &Recorded> {
        let path = path.map(str::to_owned);
        self.kept
            .iter()
            .filter(move |entry| entry.number > after && path.as_deref().is_none_or(|glob_| glob(glob_, &entry.path)))
    }

    pub fn reset(&mut self) {
        self.kept.clear();
    }
}
