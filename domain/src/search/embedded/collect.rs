//! One walk over everything that matches: how many there are, the first of them in order behind a cursor, and how many there
//! are of each kind. It only ever meets what the caller may see.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
};

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{Column, StrColumn},
};
use uuid::Uuid;

use super::schema::column;
use crate::search::{
    ask::{Bucket, Collected, Facet, Facets, SPANS, Wanted, buckets},
    cursor::{Cursor, Key, Sort},
};

impl Collector for Wanted {
    type Fruit = Collected;
    type Child = Segment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Segment> {
        let columns = segment.fast_fields();
        let ranks = match self.order.sort {
            Sort::Relevance => Ranks::Score,
            Sort::Name => Ranks::Name(columns.str(column::NAME_KEY)?),
            Sort::Modified => Ranks::Time(columns.i64(column::MODIFIED)?),
            Sort::Created => Ranks::Time(columns.i64(column::CREATED)?),
            Sort::Size => Ranks::Size(columns.u64(column::SIZE)?),
        };
        let bound = |cursor: &Option<Cursor>| -> tantivy::Result<Option<(u64, Uuid)>> {
            cursor.as_ref().map(|cursor| Ok((ranks.of(&cursor.key)?, cursor.id))).transpose()
        };
        let bounds = (bound(&self.span.after)?, bound(&self.span.before)?);
        let mut counts = Vec::new();
        for facet in &self.facets {
            let name = match facet {
                Facet::Kind => column::TYPE,
                Facet::Provider => column::PROVIDER,
                Facet::Extension => column::EXTENSION,
                Facet::Owner => column::OWNER,
                Facet::Modified => {
                    counts.push((*facet, Counts::Spans(columns.i64(column::MODIFIED)?, [0; SPANS.len()])));
                    continue;
                }
            };
            if let Some(words) = columns.str(name)? {
                let counted = vec![0; words.num_terms()];
                counts.push((*facet, Counts::Words(words, counted)));
            }
        }
        Ok(Segment {
            ids: (columns.u64(column::ID_HIGH)?, columns.u64(column::ID_LOW)?),
            ranks,
            bounds,
            beyond: (false, false),
            descending: self.order.descending,
            from_greatest: self.takes_greatest(),
            most: self.most,
            now: self.now,
            total: 0,
            best: BTreeSet::new(),
            counts,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.order.sort == Sort::Relevance && self.most > 0
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Collected>>) -> tantivy::Result<Collected> {
        let mut all = Collected::default();
        let mut counts: HashMap<Facet, HashMap<String, u64>> =
            self.facets.iter().map(|it| (*it, HashMap::new())).collect();
        for fruit in fruits {
            let fruit = fruit?;
            all.total += fruit.total;
            all.hits.extend(fruit.hits);
            all.beyond = (all.beyond.0 || fruit.beyond.0, all.beyond.1 || fruit.beyond.1);
            for (facet, buckets) in fruit.facets {
                let counted = counts.entry(facet).or_default();
                for bucket in buckets {
                    *counted.entry(bucket.value).or_default() += bucket.count;
                }
            }
        }
        all.hits.sort_unstable();
        if self.takes_greatest() {
            all.hits.reverse();
        }
        all.hits.truncate(self.most);
        all.facets = counts.into_iter().map(|(facet, counted)| (facet, buckets(counted))).collect();
        Ok(all)
    }
}

/// Where the keys of one segment come from. Names are numbers here, doubled so that a name the segment has not can stand
/// between two.
enum Ranks {
    Score,
    Name(Option<StrColumn>),
    Time(Column<i64>),
    Size(Column<u64>),
}

impl Ranks {
    fn rank(&self, doc: DocId, score: Score) -> u64 {
        match self {
            // Scores are never negative: their bits are in the same order.
            Ranks::Score => u64::from(score.max(0.0).to_bits()),
            Ranks::Name(names) => {
                names.as_ref().and_then(|names| names.ords().first(doc)).map_or(0, |name| 2 * name + 1)
            }
            Ranks::Time(times) => times.first(doc).map_or(0, tantivy::i64_to_u64),
            Ranks::Size(sizes) => sizes.first(doc).map_or(0, |size| size.saturating_add(1)),
        }
    }

    fn of(&self, key: &Key) -> tantivy::Result<u64> {
        let (names, name) = match (self, key) {
            (_, Key::Number(number)) => return Ok(*number),
            (Ranks::Name(Some(names)), Key::Text(name)) => (names, name),
            _ => return Ok(0),
        };
        let names = names.dictionary();
        match names.term_ord(name)? {
            Some(same) => Ok(2 * same + 1),
            None => {
                // How many names come before it.
                let (mut from, mut to) = (0, names.num_terms() as u64);
                let mut term = Vec::new();
                while from < to {
                    let middle = from + (to - from) / 2;
                    names.ord_to_term(middle, &mut term)?;
                    match term.as_slice() < name.as_bytes() {
                        true => from = middle + 1,
                        false => to = middle,
                    }
                }
                Ok(2 * from)
            }
        }
    }

    fn key(&self, rank: u64) -> Key {
        match self {
            Ranks::Name(names) => {
                let mut name = String::new();
                if let Some(names) = names.as_ref().filter(|_| rank > 0) {
                    // A name that cannot be read is sorted as if it were empty.
                    let _ = names.ord_to_str((rank - 1) / 2, &mut name);
                }
                Key::Text(name)
            }
            _ => Key::Number(rank),
        }
    }
}

enum Counts {
    Words(StrColumn, Vec<u64>),
    Spans(Column<i64>, [u64; SPANS.len()]),
}

/// A hit's rank, and its document.
type Place = (u64, Uuid);

pub struct Segment {
    ids: (Column<u64>, Column<u64>),
    ranks: Ranks,
    bounds: (Option<Place>, Option<Place>),
    beyond: (bool, bool),
    descending: bool,
    from_greatest: bool,
    most: usize,
    now: i64,
    total: u64,
    /// The first of those within the bounds, so far.
    best: BTreeSet<(u64, Uuid)>,
    counts: Vec<(Facet, Counts)>,
}

impl Segment {
    fn keep(&mut self, doc: DocId, score: Score) {
        let rank = self.ranks.rank(doc, score);
        if self.is_beyond(doc, rank) {
            return;
        }
        let is_full = self.best.len() >= self.most;
        let last = if self.from_greatest { self.best.first() } else { self.best.last() }.copied();
        // Most are out by their key alone.
        if let Some((last, _)) = last.filter(|_| is_full)
            && (if self.from_greatest { rank < last } else { rank > last })
        {
            return;
        }
        self.best.insert((rank, self.id(doc)));
        if self.best.len() > self.most {
            let _ = if self.from_greatest { self.best.pop_first() } else { self.best.pop_last() };
        }
    }

    /// Whether a hit lies outside of the bounds; which hits are between them depends on the direction of the list alone.
    fn is_beyond(&mut self, doc: DocId, rank: u64) -> bool {
        let side = |bound: Option<(u64, Uuid)>| {
            bound.map(|bound| {
                let side = rank.cmp(&bound.0).then_with(|| self.id(doc).cmp(&bound.1));
                if self.descending { side.reverse() } else { side }
            })
        };
        let sides = (side(self.bounds.0), side(self.bounds.1));
        let (up_to, from) = (sides.0.is_some_and(Ordering::is_le), sides.1.is_some_and(Ordering::is_ge));
        self.beyond = (self.beyond.0 || up_to, self.beyond.1 || from);
        up_to || from
    }

    fn id(&self, doc: DocId) -> Uuid {
        Uuid::from_u64_pair(self.ids.0.first(doc).unwrap_or_default(), self.ids.1.first(doc).unwrap_or_default())
    }
}

impl SegmentCollector for Segment {
    type Fruit = tantivy::Result<Collected>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        for (_, counts) in &mut self.counts {
            match counts {
                Counts::Words(words, counted) => {
                    for word in words.ords().values_for_doc(doc) {
                        if let Some(count) = usize::try_from(word).ok().and_then(|word| counted.get_mut(word)) {
                            *count += 1;
                        }
                    }
                }
                Counts::Spans(times, counted) => {
                    let age = times.first(doc).map_or(i64::MAX, |time| self.now.saturating_sub(time));
                    let span = SPANS.iter().position(|(_, longest)| age <= *longest);
                    if let Some(count) = span.and_then(|span| counted.get_mut(span)) {
                        *count += 1;
                    }
                }
            }
        }
        if self.most > 0 {
            self.keep(doc, score);
        }
    }

    fn harvest(self) -> tantivy::Result<Collected> {
        let mut facets = Facets::new();
        for (facet, counts) in self.counts {
            let mut found = Vec::new();
            match counts {
                Counts::Words(words, counted) => {
                    for (word, count) in (0..).zip(counted).filter(|(_, count)| *count > 0) {
                        let mut value = String::new();
                        words.ord_to_str(word, &mut value)?;
                        found.push(Bucket { value, count });
                    }
                }
                Counts::Spans(_, counted) => {
                    let spans = SPANS.iter().zip(counted).filter(|(_, count)| *count > 0);
                    found.extend(spans.map(|((name, _), count)| Bucket { value: (*name).to_owned(), count }));
                }
            }
            facets.insert(facet, found);
        }
        let hits = self.best.iter().map(|(rank, id)| (self.ranks.key(*rank), *id)).collect();
        Ok(Collected { total: self.total, hits, beyond: self.beyond, facets })
    }
}
