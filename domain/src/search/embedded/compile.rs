//! From the tree of a query to what the engine runs. Words score, filters do not; who may see what is added by the caller,
//! outside of anything that was typed.

use std::{collections::BTreeSet, ops::Bound};

use chrono::{DateTime, Utc};
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery, Occur,
        PhrasePrefixQuery, PhraseQuery, Query, RangeQuery, TermQuery, TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{excluded::Excluded, schema::Fields};
use crate::search::{
    load::{flag, term, word},
    place::Resolved,
    query::{Filter, Node, Part, Place, Range, State, TextField},
    stems::{STEMMED, stem},
    weight,
    words::{self, Mode},
};

/// Words that a beginning may stand for while each is still weighed; beyond, all weigh the same.
const EXPANSIONS: usize = 50;
/// The same where a beginning ends a phrase; beyond, rarer ones are not found.
const PHRASE_EXPANSIONS: u32 = 1000;
type Compiled = tantivy::Result<Box<dyn Query>>;

pub struct Compiler<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    pub resolved: &'a Resolved,
}

impl Compiler<'_> {
    /// `is_open`: the last word may be only the beginning of one.
    pub fn compile(&self, node: &Node, is_open: bool) -> Compiled {
        match node {
            Node::And(nodes) => self.all(nodes, is_open),
            Node::Or(nodes) => {
                let last = nodes.len().saturating_sub(1);
                let nodes = nodes.iter().enumerate().map(|(n, node)| self.compile(node, is_open && n == last));
                Ok(Box::new(BooleanQuery::union(nodes.collect::<tantivy::Result<_>>()?)))
            }
            Node::Not(_) => self.all(std::slice::from_ref(node), false),
            Node::Word { field, text } => self.word(*field, text, is_open),
            Node::Prefix { field, text } => self.prefix(*field, text),
            Node::Phrase { field, text, slop } => self.phrase(*field, text, *slop),
            Node::Filter(filter) => Ok(unscored(self.filter(filter)?)),
        }
    }

    fn all(&self, nodes: &[Node], is_open: bool) -> Compiled {
        let mut clauses = Vec::with_capacity(nodes.len() + 1);
        let last = nodes.len().saturating_sub(1);
        for (n, node) in nodes.iter().enumerate() {
            clauses.push(match node {
                Node::Not(node) => {
                    let excluded = Excluded(unscored(self.compile(node, false)?));
                    (Occur::MustNot, Box::new(excluded) as Box<dyn Query>)
                }
                node => (Occur::Must, self.compile(node, is_open && n == last)?),
            });
        }
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, unscored(Box::new(AllQuery))));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    /// In the fields asked for, each with its weight.
    fn fields(&self, field: TextField) -> Vec<(Field, f32)> {
        let all = [
            (TextField::Name, self.fields.name, weight::NAME),
            (TextField::Title, self.fields.title, weight::TITLE),
            (TextField::Author, self.fields.author, weight::AUTHOR),
            (TextField::Content, self.fields.content, weight::CONTENT),
        ];
        let asked = all.into_iter().filter(|(each, ..)| field == TextField::Any || field == *each);
        asked.map(|(_, field, weight)| (field, weight)).collect()
    }

    fn word(&self, field: TextField, text: &str, is_open: bool) -> Compiled {
        let mut ways = Vec::new();
        for (field, weight) in self.fields(field) {
            ways.push((self.in_order(field, text, 0), weight));
        }
        if is_open && matches!(field, TextField::Any | TextField::Name) {
            ways.push((self.begins(self.fields.name, text)?, weight::NAME_BEGINS));
        }
        if matches!(field, TextField::Any | TextField::Content) {
            ways.extend(self.stems(text)?.into_iter().map(|query| (Some(query), weight::STEM)));
        }
        Ok(best(ways))
    }

    fn prefix(&self, field: TextField, text: &str) -> Compiled {
        let mut ways = Vec::new();
        for (field, weight) in self.fields(field) {
            ways.push((self.begins(field, text)?, weight));
        }
        Ok(best(ways))
    }

    fn phrase(&self, field: TextField, text: &str, slop: u8) -> Compiled {
        let ways = self.fields(field).into_iter().map(|(field, weight)| (self.in_order(field, text, slop), weight));
        Ok(best(ways.collect()))
    }

    /// The terms of a text in a field, each with its position.
    fn terms(&self, field: Field, text: &str) -> Vec<(usize, Term)> {
        let tokens = match field == self.fields.name {
            true => words::names(text, Mode::Query),
            false => words::tokens(text, Mode::Query),
        };
        tokens.map(|token| (token.position, Term::from_field_text(field, &token.text))).collect()
    }

    /// All terms of the text one after the other; none where the field has no word for it.
    fn in_order(&self, field: Field, text: &str, slop: u8) -> Option<Box<dyn Query>> {
        let mut terms = self.terms(field, text);
        match terms.len() {
            0 => None,
            1 => Some(exactly(terms.remove(0).1)),
            _ => Some(Box::new(PhraseQuery::new_with_offset_and_slop(terms, slop.into()))),
        }
    }

    /// As `in_order`, where the last term is only the beginning of one.
    fn begins(&self, field: Field, text: &str) -> tantivy::Result<Option<Box<dyn Query>>> {
        let mut terms = self.terms(field, text);
        let (Some((_, last)), true) = (terms.last(), terms.len() == 1) else {
            if terms.is_empty() {
                return Ok(None);
            }
            let mut query = PhrasePrefixQuery::new_with_offset(terms);
            query.set_max_expansions(PHRASE_EXPANSIONS);
            return Ok(Some(Box::new(query)));
        };
        let known = self.expand(last)?;
        if known.len() > EXPANSIONS {
            let every = FuzzyTermQuery::new_prefix(terms.remove(0).1, 0, true);
            return Ok(Some(Box::new(ConstScoreQuery::new(Box::new(every), 1.0))));
        }
        let known = known.into_iter().map(|known| exactly(Term::from_field_text(field, &known)));
        Ok(Some(Box::new(DisjunctionMaxQuery::new(known.collect()))))
    }

    /// Known terms that begin like this one; a little more than is weighed when there are more.
    fn expand(&self, beginning: &Term) -> tantivy::Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(beginning.field())?;
            let prefix = beginning.serialized_value_bytes();
            let mut terms = index.terms().range().ge(prefix).into_stream()?;
            let mut here = 0;
            while here <= EXPANSIONS && terms.advance() && terms.key().starts_with(prefix) {
                found.extend(std::str::from_utf8(terms.key()).ok().map(str::to_owned));
                here += 1;
            }
        }
        Ok(found)
    }

    /// Other forms of the word, in the languages there are texts in.
    fn stems(&self, text: &str) -> tantivy::Result<Vec<Box<dyn Query>>> {
        let mut tokens = words::tokens(text, Mode::Query);
        let (Some(word), None) = (tokens.next(), tokens.next()) else { return Ok(Vec::new()) };
        let mut queries = Vec::new();
        for ((code, _), field) in STEMMED.iter().zip(&self.fields.stems) {
            let Some(stem) = stem(&word.text, code) else { continue };
            let stem = Term::from_field_text(*field, &stem);
            if self.searcher.doc_freq(&stem)? > 0 {
                queries.push(exactly(stem));
            }
        }
        Ok(queries)
    }

    fn filter(&self, filter: &Filter) -> Compiled {
        let fields = self.fields;
        let same = |field, words: &[String]| any_of(field, words.iter().cloned());
        Ok(match filter {
            Filter::Extension(words) => same(fields.extension, words),
            Filter::Kind(kinds) => any_of(fields.class, kinds.iter().map(|kind| word(*kind).to_owned())),
            Filter::Provider(words) => {
                any_of(fields.provider_id, words.iter().flat_map(|word| self.resolved.providers(word)).map(term))
            }
            Filter::In(Place::Path(path)) if path.is_empty() => Box::new(AllQuery),
            Filter::In(place) => any_of(fields.ancestors, self.resolved.folders(place).into_iter().map(term)),
            Filter::Owner(word) => any_of(fields.owner, self.resolved.people(word).into_iter().map(term)),
            Filter::Language(codes) => same(fields.language, codes),
            Filter::Size(range) => {
                let bound = |end: Option<u64>| end.map(|size| Term::from_field_u64(fields.size, size));
                between(bound(range.from), bound(range.to))
            }
            Filter::Modified(range) => time(fields.modified, range),
            Filter::Created(range) => time(fields.created, range),
            Filter::Taken(range) => time(fields.taken, range),
            Filter::Is(State::Encrypted) => self.flag(flag::ENCRYPTED),
            Filter::Is(State::Unavailable) => self.flag(flag::UNAVAILABLE),
            Filter::Is(State::Native) => self.flag(flag::NATIVE),
            Filter::Has(Part::Text) => self.flag(flag::TEXT),
            Filter::Has(Part::Thumbnail) => self.flag(flag::THUMBNAIL),
            Filter::Id(ids) => any_of(fields.id, ids.iter().copied().map(term)),
        })
    }

    fn flag(&self, flag: &str) -> Box<dyn Query> {
        exactly(Term::from_field_text(self.fields.flags, flag))
    }
}

fn exactly(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn any_of(field: Field, words: impl Iterator<Item = String>) -> Box<dyn Query> {
    let mut terms: Vec<_> = words.map(|word| Term::from_field_text(field, &word)).collect();
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => exactly(terms.remove(0)),
        _ => Box::new(TermSetQuery::new(terms)),
    }
}

fn time(field: Field, range: &Range<DateTime<Utc>>) -> Box<dyn Query> {
    let bound = |end: Option<DateTime<Utc>>| end.map(|time| Term::from_field_i64(field, time.timestamp_micros()));
    between(bound(range.from), bound(range.to))
}

/// From the first, inclusive, to the second, exclusive. What has no value is outside of every range.
fn between(from: Option<Term>, to: Option<Term>) -> Box<dyn Query> {
    if from.is_none() && to.is_none() {
        return Box::new(AllQuery);
    }
    let (from, to) = (from.map_or(Bound::Unbounded, Bound::Included), to.map_or(Bound::Unbounded, Bound::Excluded));
    Box::new(RangeQuery::new(from, to))
}

/// The best of several ways to match, and a little of the others.
fn best(ways: Vec<(Option<Box<dyn Query>>, f32)>) -> Box<dyn Query> {
    let mut ways: Vec<Box<dyn Query>> = ways
        .into_iter()
        .filter_map(|(query, weight)| Some(Box::new(BoostQuery::new(query?, weight)) as Box<dyn Query>))
        .collect();
    match ways.len() {
        0 => Box::new(EmptyQuery),
        1 => ways.remove(0),
        _ => Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, weight::TIE)),
    }
}

/// Matches the same and weighs nothing.
pub fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
