//! "Did you mean": where nothing was found, words that are one letter away from a word in the name of a document the caller
//! may see. Names of others are never suggested.

use std::collections::{BTreeSet, HashMap};

use tantivy::{
    Term,
    collector::Count,
    query::{BooleanQuery, FuzzyTermQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    find::Look,
    index::Fault,
    query::{Node, TextField},
    words::{self, Mode},
};

/// In shorter words, one letter makes another word.
const SHORTEST: usize = 5;
/// Known words that are tried for one that is not.
const TRIED: usize = 20;

/// What was typed with its misspelt words replaced, when it finds something then.
pub(super) fn suggest(look: &Look, text: &str) -> Result<Option<String>, Fault> {
    let Some(root) = &look.parsed.root else { return Ok(None) };
    let mut typed = BTreeSet::new();
    asked(root, &mut typed);
    let (mut better, mut suggestion) = (HashMap::new(), text.to_owned());
    for word in typed {
        if let Some(known) = known(look, word)? {
            suggestion = suggestion.replacen(word, &known, 1);
            better.insert(word.to_owned(), known);
        }
    }
    if better.is_empty() || suggestion == text {
        return Ok(None);
    }
    let query = look.query(Some(&replaced(root, &better)), look.parsed.is_open)?;
    let finds = look.view.searcher.search(&query, &Count)? > 0;
    Ok(finds.then_some(suggestion))
}

/// Words that a name could have, outside of what must not be there.
fn asked<'a>(node: &'a Node, words: &mut BTreeSet<&'a str>) {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| asked(node, words)),
        Node::Word { field: TextField::Any | TextField::Name, text } => {
            words.insert(text);
        }
        _ => {}
    }
}

/// The word of most names that is one letter away from this one, unless this one is in a name itself.
fn known(look: &Look, word: &str) -> Result<Option<String>, Fault> {
    let mut tokens = words::names(word, Mode::Query);
    let (Some(token), None) = (tokens.next(), tokens.next()) else { return Ok(None) };
    if token.text.chars().count() < SHORTEST {
        return Ok(None);
    }
    let (searcher, name) = (&look.view.searcher, look.view.fields.name);
    let term = Term::from_field_text(name, &token.text);
    let near = FuzzyTermQuery::new(term, 1, true).automaton()?;
    let mut candidates = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(name)?;
        let mut terms = index.terms().search(&near).into_stream()?;
        while candidates.len() < TRIED && terms.advance() {
            candidates.extend(std::str::from_utf8(terms.key()).ok().map(str::to_owned));
        }
    }
    candidates.insert(token.text.clone());
    let mut best: Option<(usize, String)> = None;
    for candidate in candidates {
        let named: Box<dyn Query> =
            Box::new(TermQuery::new(Term::from_field_text(name, &candidate), IndexRecordOption::Basic));
        let seen = BooleanQuery::new(vec![(Occur::Must, named), (Occur::Must, look.seen())]);
        let count = searcher.search(&seen, &Count)?;
        if count > 0 && candidate == token.text {
            return Ok(None);
        }
        if count > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((count, candidate));
        }
    }
    Ok(best.map(|(_, word)| word))
}

fn replaced(node: &Node, better: &HashMap<String, String>) -> Node {
    match node {
        Node::And(nodes) => Node::And(nodes.iter().map(|node| replaced(node, better)).collect()),
        Node::Or(nodes) => Node::Or(nodes.iter().map(|node| replaced(node, better)).collect()),
        Node::Word { field: field @ (TextField::Any | TextField::Name), text } => {
            Node::Word { field: *field, text: better.get(text).unwrap_or(text).clone() }
        }
        other => other.clone(),
    }
}
