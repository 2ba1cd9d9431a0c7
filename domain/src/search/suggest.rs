//! "Did you mean": where nothing was found, words that are one letter away from a word in the name of a document the caller
//! may see. Names of others are never suggested.

use std::collections::{BTreeSet, HashMap};

use super::{
    query::{Node, TextField},
    words::{self, Mode},
};

/// In shorter words, one letter makes another word.
const SHORTEST: usize = 5;
/// Known words that are tried for one that is not.
pub(super) const TRIED: usize = 20;

/// What was typed, with better words.
pub(super) struct Improved {
    pub root: Node,
    pub text: String,
}

/// With words replaced; none where that changes nothing.
pub(super) fn improved(root: &Node, text: &str, better: &HashMap<String, String>) -> Option<Improved> {
    let mut improved = text.to_owned();
    for word in asked(root) {
        if let Some(known) = better.get(word) {
            improved = improved.replacen(word, known, 1);
        }
    }
    (improved != text).then(|| Improved { root: replaced(root, better), text: improved })
}

/// Words that a name could have, outside of what must not be there.
pub(super) fn asked(root: &Node) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    collect(root, &mut words);
    words
}

fn collect<'a>(node: &'a Node, words: &mut BTreeSet<&'a str>) {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| collect(node, words)),
        Node::Word { field: TextField::Any | TextField::Name, text } => {
            words.insert(text);
        }
        _ => {}
    }
}

/// The one token of a word that is long enough to be another one misspelt.
pub(super) fn token(word: &str) -> Option<String> {
    let mut tokens = words::names(word, Mode::Query);
    let (Some(token), None) = (tokens.next(), tokens.next()) else { return None };
    (token.text.chars().count() >= SHORTEST).then_some(token.text)
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
