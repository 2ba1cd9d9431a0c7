//! What of a query can be seen in one field: words, beginnings and phrases, each as the tokens it is found by.

use std::collections::HashMap;

use crate::search::{
    query::{Node, TextField},
    words::{self, Mode, Tokens},
};

/// A token that something wanted begins with or has in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub item: usize,
    /// Its place among the tokens of the item.
    pub at: usize,
}

/// Tokens in a row.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// How far each token is from the first.
    pub positions: Vec<usize>,
    pub slop: usize,
}

/// What of a query can be seen in one field.
#[derive(Debug, Clone)]
pub struct Wanted {
    is_name: bool,
    pub(super) items: Vec<Item>,
    pub(super) whole: HashMap<String, Vec<Slot>>,
    pub(super) beginnings: Vec<(String, Slot)>,
    /// By the first byte of a token: could it be wanted at all?
    pub(super) firsts: Box<[bool; 256]>,
}

impl Wanted {
    /// The words, beginnings and phrases that are asked of `field`; what is negated is not among them.
    pub fn of(node: &Node, field: TextField) -> Self {
        let mut wanted = Self {
            is_name: field == TextField::Name,
            items: Vec::new(),
            whole: HashMap::new(),
            beginnings: Vec::new(),
            firsts: Box::new([false; 256]),
        };
        wanted.add(node, field);
        wanted
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The words of a text as the field has them.
    pub(super) fn tokens<'a>(&self, text: &'a str, mode: Mode) -> Tokens<'a> {
        if self.is_name { words::names(text, mode) } else { words::tokens(text, mode) }
    }

    fn add(&mut self, node: &Node, field: TextField) {
        let is_here = |of: &TextField| *of == TextField::Any || *of == field;
        match node {
            Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| self.add(node, field)),
            Node::Word { field: of, text } if is_here(of) => self.item(text, 0, false),
            Node::Prefix { field: of, text } if is_here(of) => self.item(text, 0, true),
            Node::Phrase { field: of, text, slop } if is_here(of) => self.item(text, usize::from(*slop), false),
            _ => {}
        }
    }

    fn item(&mut self, text: &str, slop: usize, is_beginning: bool) {
        let tokens: Vec<_> = self.tokens(text, Mode::Query).collect();
        let item = self.items.len();
        for (at, token) in tokens.iter().enumerate() {
            let slot = Slot { item, at };
            self.firsts[usize::from(token.text.as_bytes().first().copied().unwrap_or(0))] = true;
            if is_beginning && at + 1 == tokens.len() {
                self.beginnings.push((token.text.clone(), slot));
            } else {
                self.whole.entry(token.text.clone()).or_default().push(slot);
            }
        }
        if let Some(first) = tokens.first() {
            let positions = tokens.iter().map(|token| token.position - first.position).collect();
            self.items.push(Item { positions, slop });
        }
    }
}
