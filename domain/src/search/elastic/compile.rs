//! From the tree of a query to what Elasticsearch runs. Words score, filters do not; who may see what is added by the caller,
//! outside of anything that was typed.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{line, mapping};
use crate::search::{
    load::{flag, term, word},
    place::Resolved,
    query::{Filter, Node, Part, Place, Range, State, TextField},
    stems::{STEMMED, stem},
    weight,
    words::{self, Mode},
};

/// Words that a beginning may stand for while each is still weighed; beyond, all weigh the same.
const EXPANSIONS: u32 = 50;
/// The same where a beginning ends a phrase; beyond, rarer ones are not found.
const PHRASE_EXPANSIONS: u32 = 1000;

pub struct Compiler<'a> {
    pub resolved: &'a Resolved,
}

impl Compiler<'_> {
    /// `is_open`: the last word may be only the beginning of one.
    pub fn compile(&self, node: &Node, is_open: bool) -> Value {
        match node {
            Node::And(nodes) => self.all(nodes, is_open),
            Node::Or(nodes) => {
                let last = nodes.len().saturating_sub(1);
                let nodes = nodes.iter().enumerate().map(|(n, node)| self.compile(node, is_open && n == last));
                json!({ "bool": { "should": nodes.collect::<Vec<_>>(), "minimum_should_match": 1 } })
            }
            Node::Not(_) => self.all(std::slice::from_ref(node), false),
            Node::Word { field, text } => self.word(*field, text, is_open),
            Node::Prefix { field, text } => best(ways(*field, |field| begins(field, text))),
            Node::Phrase { field, text, slop } => best(ways(*field, |field| in_order(field, text, *slop))),
            Node::Filter(filter) => unscored(self.filter(filter)),
        }
    }

    fn all(&self, nodes: &[Node], is_open: bool) -> Value {
        let (mut must, mut filter, mut must_not) = (Vec::new(), Vec::new(), Vec::new());
        let last = nodes.len().saturating_sub(1);
        for (n, node) in nodes.iter().enumerate() {
            match node {
                Node::Not(node) => must_not.push(self.compile(node, false)),
                Node::Filter(it) => filter.push(self.filter(it)),
                node => must.push(self.compile(node, is_open && n == last)),
            }
        }
        json!({ "bool": { "must": must, "filter": filter, "must_not": must_not } })
    }

    fn word(&self, field: TextField, text: &str, is_open: bool) -> Value {
        let mut ways = ways(field, |field| in_order(field, text, 0));
        if is_open && matches!(field, TextField::Any | TextField::Name) {
            ways.extend(begins(Field::Name, text).map(|query| (query, weight::NAME_BEGINS)));
        }
        if matches!(field, TextField::Any | TextField::Content) {
            ways.extend(stems(text).into_iter().map(|query| (query, weight::STEM)));
        }
        best(ways)
    }

    fn filter(&self, filter: &Filter) -> Value {
        match filter {
            Filter::Extension(words) => any_of("extension", words.iter().cloned()),
            Filter::Kind(kinds) => any_of("type", kinds.iter().map(|kind| word(*kind).to_owned())),
            Filter::Provider(words) => {
                any_of("provider_id", words.iter().flat_map(|word| self.resolved.providers(word)).map(term))
            }
            Filter::In(Place::Path(path)) if path.is_empty() => json!({ "match_all": {} }),
            Filter::In(place) => any_of("ancestors", self.resolved.folders(place).into_iter().map(term)),
            Filter::Owner(word) => any_of("owner", self.resolved.people(word).into_iter().map(term)),
            Filter::Language(codes) => any_of("language", codes.iter().cloned()),
            Filter::Size(range) => {
                let bound = |end: Option<u64>| end.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
                between("size", bound(range.from), bound(range.to))
            }
            Filter::Modified(range) => time("modified", range),
            Filter::Created(range) => time("created", range),
            Filter::Taken(range) => time("taken", range),
            Filter::Is(State::Encrypted) => is(flag::ENCRYPTED),
            Filter::Is(State::Unavailable) => is(flag::UNAVAILABLE),
            Filter::Is(State::Native) => is(flag::NATIVE),
            Filter::Has(Part::Text) => is(flag::TEXT),
            Filter::Has(Part::Thumbnail) => is(flag::THUMBNAIL),
            Filter::Id(ids) => any_of("id", ids.iter().copied().map(term)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Title,
    Author,
    Content,
}

impl Field {
    /// Where its single words are.
    fn words(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Title => "title",
            Self::Author => "author",
            Self::Content => "content",
        }
    }

    /// Where its words are one after the other.
    fn rows(self) -> &'static str {
        match self {
            Self::Name => "name_ways",
            other => other.words(),
        }
    }

    fn asked(self, text: &str) -> Vec<String> {
        match self {
            Self::Name => line::asked_of_name(text),
            _ => line::asked(text),
        }
    }
}

/// One way to match in each field that is asked for, with its weight.
fn ways(asked: TextField, way: impl Fn(Field) -> Option<Value>) -> Vec<(Value, f32)> {
    let all = [
        (TextField::Name, Field::Name, weight::NAME),
        (TextField::Title, Field::Title, weight::TITLE),
        (TextField::Author, Field::Author, weight::AUTHOR),
        (TextField::Content, Field::Content, weight::CONTENT),
    ];
    let asked = all.into_iter().filter(|(each, ..)| asked == TextField::Any || asked == *each);
    asked.filter_map(|(_, field, weight)| Some((way(field)?, weight))).collect()
}

/// All words of the text one after the other; none where the field has no word for it.
fn in_order(field: Field, text: &str, slop: u8) -> Option<Value> {
    let words = field.asked(text);
    match words.as_slice() {
        [] => None,
        [word] => Some(json!({ "term": { field.words(): word } })),
        words => {
            let is_wide = field != Field::Name && slop > 0 && line::has_pairs(text);
            let slop = if is_wide { 2 * slop } else { slop };
            Some(json!({ "match_phrase": { field.rows(): { "query": words.join(" "), "slop": slop } } }))
        }
    }
}

/// As `in_order`, where the last word is only the beginning of one.
fn begins(field: Field, text: &str) -> Option<Value> {
    let words = field.asked(text);
    match words.as_slice() {
        [] => None,
        [word] => {
            let every = json!({ "prefix": { field.words(): { "value": word } } });
            let weighed = json!({
                "prefix": { field.words(): { "value": word, "rewrite": format!("top_terms_{EXPANSIONS}") } }
            });
            Some(json!({ "dis_max": { "queries": [every, weighed] } }))
        }
        words => {
            let query = json!({ "query": words.join(" "), "max_expansions": PHRASE_EXPANSIONS });
            Some(json!({ "match_phrase_prefix": { field.rows(): query } }))
        }
    }
}

/// Other forms of the word.
fn stems(text: &str) -> Vec<Value> {
    let mut tokens = words::tokens(text, Mode::Query);
    let (Some(word), None) = (tokens.next(), tokens.next()) else { return Vec::new() };
    let stem = |code: &str| Some(json!({ "term": { "stems": line::stem(code, &stem(&word.text, code)?) } }));
    STEMMED.iter().filter_map(|(code, _)| stem(code)).collect()
}

fn is(flag: &str) -> Value {
    json!({ "term": { "flags": flag } })
}

/// Words too long to be in the index match nothing; the engine would refuse the whole question for one.
fn any_of(field: &str, words: impl Iterator<Item = String>) -> Value {
    let words: Vec<String> = words.filter(|word| word.chars().count() <= mapping::LONGEST as usize).collect();
    match words.is_empty() {
        true => json!({ "match_none": {} }),
        false => json!({ "terms": { field: words } }),
    }
}

fn time(field: &str, range: &Range<DateTime<Utc>>) -> Value {
    let bound = |end: Option<DateTime<Utc>>| end.map(|time| time.timestamp_micros());
    between(field, bound(range.from), bound(range.to))
}

/// From the first, inclusive, to the second, exclusive. What has no value is outside of every range.
fn between(field: &str, from: Option<i64>, to: Option<i64>) -> Value {
    match (from, to) {
        (None, None) => json!({ "match_all": {} }),
        (Some(from), None) => json!({ "range": { field: { "gte": from } } }),
        (None, Some(to)) => json!({ "range": { field: { "lt": to } } }),
        (Some(from), Some(to)) => json!({ "range": { field: { "gte": from, "lt": to } } }),
    }
}

/// The best of several ways to match, and a little of the others.
fn best(ways: Vec<(Value, f32)>) -> Value {
    let weighed = |(query, weight): (Value, f32)| json!({ "bool": { "must": [query], "boost": weight } });
    let mut ways: Vec<Value> = ways.into_iter().map(weighed).collect();
    match ways.len() {
        0 => json!({ "match_none": {} }),
        1 => ways.remove(0),
        _ => json!({ "dis_max": { "queries": ways, "tie_breaker": weight::TIE } }),
    }
}

/// Matches the same and weighs nothing.
fn unscored(query: Value) -> Value {
    json!({ "bool": { "filter": [query] } })
}
