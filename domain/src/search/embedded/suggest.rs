//! Words of names that are one letter away from one that is in no name the caller may see.

use std::collections::{BTreeSet, HashMap};

use tantivy::{
    Term,
    collector::Count,
    query::{BooleanQuery, FuzzyTermQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::look::Here;
use crate::search::{
    fault::Fault,
    suggest::{Improved, TRIED, asked, improved, token},
};

pub(super) fn suggest(here: &Here) -> Result<Option<String>, Fault> {
    let Some(root) = &here.look.parsed.root else { return Ok(None) };
    let mut better = HashMap::new();
    for word in asked(root) {
        if let Some(known) = known(here, word)? {
            better.insert(word.to_owned(), known);
        }
    }
    let Some(Improved { root, text }) = improved(root, &here.look.typed, &better) else { return Ok(None) };
    let query = here.query(Some(&root), here.look.parsed.is_open)?;
    let finds = here.view.searcher.search(&query, &Count)? > 0;
    Ok(finds.then_some(text))
}

/// The word of most names that is one letter away from this one, unless this one is in a name itself.
fn known(here: &Here, word: &str) -> Result<Option<String>, Fault> {
    let Some(token) = token(word) else { return Ok(None) };
    let (searcher, name) = (&here.view.searcher, here.view.fields.name);
    let term = Term::from_field_text(name, &token);
    let near = FuzzyTermQuery::new(term, 1, true).automaton()?;
    let mut candidates = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(name)?;
        let mut terms = index.terms().search(&near).into_stream()?;
        while candidates.len() < TRIED && terms.advance() {
            candidates.extend(std::str::from_utf8(terms.key()).ok().map(str::to_owned));
        }
    }
    candidates.insert(token.clone());
    let mut best: Option<(usize, String)> = None;
    for candidate in candidates {
        let named: Box<dyn Query> =
            Box::new(TermQuery::new(Term::from_field_text(name, &candidate), IndexRecordOption::Basic));
        let seen = BooleanQuery::new(vec![(Occur::Must, named), (Occur::Must, here.seen())]);
        let count = searcher.search(&seen, &Count)?;
        if count > 0 && candidate == token {
            return Ok(None);
        }
        if count > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((count, candidate));
        }
    }
    Ok(best.map(|(_, word)| word))
}
