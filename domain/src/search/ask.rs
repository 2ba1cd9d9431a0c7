//! What is asked of an engine, and what it answers: how many there are, the first of them in order behind a cursor, and how
//! many there are of each kind. It only ever is about what the caller may see.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::cursor::{Cursor, Key, Order};
use crate::page::Span;

/// What hits can be counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// The words of `type:`.
    Kind,
    Provider,
    Extension,
    /// Ids of users.
    Owner,
    /// `day`, `week`, `month`, `year`: within so long before now; `older`. Each hit is counted once.
    Modified,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub value: String,
    pub count: u64,
}

/// By facet; buckets with the most hits first, at most `BUCKETS`.
pub type Facets = HashMap<Facet, Vec<Bucket>>;

pub(super) const BUCKETS: usize = 50;

const DAY: i64 = 86_400_000_000;
/// How old what was modified may be for each word, in microseconds; the first that fits counts.
pub(super) const SPANS: [(&str, i64); 5] =
    [("day", DAY), ("week", 7 * DAY), ("month", 30 * DAY), ("year", 365 * DAY), ("older", i64::MAX)];

#[derive(Debug, Clone)]
pub struct Wanted {
    pub order: Order,
    pub span: Span<Cursor>,
    /// Hits to keep; 0 to count only.
    pub most: usize,
    pub facets: BTreeSet<Facet>,
    /// Microseconds since 1970.
    pub now: i64,
}

#[derive(Debug, Default)]
pub struct Collected {
    /// Also those before the cursor.
    pub total: u64,
    /// In order, from the end the span begins at.
    pub hits: Vec<(Key, Uuid)>,
    /// Whether there are hits up to the span's first bound, and from its second one on.
    pub beyond: (bool, bool),
    pub facets: Facets,
}

impl Wanted {
    /// Whether the greatest of the hits within the bounds are kept.
    pub(super) fn takes_greatest(&self) -> bool {
        self.order.descending != self.span.from_end
    }
}

/// As they are told, from what was counted.
pub(super) fn buckets(counted: HashMap<String, u64>) -> Vec<Bucket> {
    let mut buckets: Vec<_> = counted.into_iter().map(|(value, count)| Bucket { value, count }).collect();
    buckets.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    buckets.truncate(BUCKETS);
    buckets
}
