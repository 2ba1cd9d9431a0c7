//! What must not match, worked out beforehand for a whole segment. Phrases may not be asked for documents out of step, which
//! is how the engine asks for what it excludes.

use tantivy::{
    BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED,
    query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight},
};

/// Matches the same documents, all with the score 1.
#[derive(Debug)]
pub struct Excluded(pub Box<dyn Query>);

impl Clone for Excluded {
    fn clone(&self) -> Self {
        Self(self.0.box_clone())
    }
}

impl Query for Excluded {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(Beforehand(self.0.weight(scoring)?)))
    }
}

struct Beforehand(Box<dyn Weight>);

impl Weight for Beforehand {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut matching = BitSet::with_max_value(segment.max_doc());
        let mut inner = self.0.scorer(segment, 1.0)?;
        let mut doc = inner.doc();
        while doc != TERMINATED {
            matching.insert(doc);
            doc = inner.advance();
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(matching), boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(segment, doc)
    }
}
