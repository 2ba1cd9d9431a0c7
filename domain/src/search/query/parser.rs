//! From clean text to the tree, in one pass. Recursion happens at parentheses only, which are counted.

use chrono::{DateTime, Utc};

use super::{
    MAX_CLAUSES, MAX_DEPTH, MAX_SLOP, MAX_WORDS, Node, Parsed, TextField, Warning,
    field::{self, Field, Value},
};
use crate::search::words::{self, Mode};

pub struct Parser<'a> {
    text: &'a str,
    now: DateTime<Utc>,
    at: usize,
    warnings: Vec<Warning>,
    clauses: usize,
    /// Parentheses that were opened too deep, and wait for their other half.
    ignored: usize,
    negations: usize,
    /// Where the last word ended that may be only a beginning.
    open: Option<usize>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place {
    field: TextField,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, now: DateTime<Utc>) -> Self {
        Self { text, now, at: 0, warnings: Vec::new(), clauses: 0, ignored: 0, negations: 0, open: None }
    }

    pub fn run(mut self) -> Parsed {
        let root = self.any_of(Place { field: TextField::Any, depth: 0 });
        if root.is_none() && self.text.chars().any(|c| !c.is_whitespace() && c != '*') {
            self.warn(Warning::NoWords);
        }
        Parsed { root, is_open: self.open == Some(self.text.len()), warnings: self.warnings }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Up to the closing parenthesis, which is left to the caller, or to the end.
    fn any_of(&mut self, place: Place) -> Option<Node> {
        let (mut choices, mut all, mut is_negated) = (Vec::new(), Vec::new(), false);
        while let Some(next) = self.rest().chars().next() {
            if next.is_whitespace() {
                self.at += next.len_utf8();
            } else if next == ')' {
                if place.depth > 0 && self.ignored == 0 {
                    break;
                }
                self.ignored = self.ignored.saturating_sub(1);
                self.at += 1;
            } else if next == '|' || self.is_operator("OR") {
                self.at += if next == '|' { 1 } else { 2 };
                choices.extend(and(std::mem::take(&mut all)));
                is_negated = false;
            } else if self.is_operator("AND") {
                self.at += 3;
            } else if self.is_operator("NOT") {
                self.at += 3;
                is_negated = !is_negated;
            } else if next == '+' {
                self.at += 1;
            } else if next == '-' && !self.rest()[1..].starts_with('-') {
                self.at += 1;
                is_negated ^= self.rest().starts_with(|next: char| !next.is_whitespace());
            } else if next == '(' && place.depth == MAX_DEPTH {
                self.warn(Warning::TooDeep);
                self.ignored += 1;
                self.at += 1;
            } else {
                self.negations += usize::from(is_negated);
                let node = self.operand(place, is_negated);
                self.negations -= usize::from(is_negated);
                all.extend(node.map(|node| if is_negated { not(node) } else { node }));
                is_negated = false;
            }
        }
        choices.extend(and(all));
        or(choices)
    }

    /// Is this word next, and not only the beginning of one?
    fn is_operator(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| rest.chars().next().is_none_or(is_border))
    }

    fn operand(&mut self, place: Place, is_negated: bool) -> Option<Node> {
        match self.rest().as_bytes().first()? {
            b'"' => self.phrase(place.field),
            b'(' => self.group(place),
            _ => self.chunk(place, is_negated),
        }
    }

    fn group(&mut self, place: Place) -> Option<Node> {
        self.at += 1;
        let node = self.any_of(Place { depth: place.depth + 1, ..place });
        self.at += usize::from(self.rest().starts_with(')'));
        node
    }

    /// From its opening quotation mark; an end that is missing is the end of the text.
    fn phrase(&mut self, field: TextField) -> Option<Node> {
        let text = self.quoted();
        let mut slop = 0;
        if let Some(rest) = self.rest().strip_prefix('~') {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            self.at += 1 + digits;
            slop = if digits == 0 { 0 } else { rest[..digits].parse().unwrap_or(u8::MAX) };
            if slop > MAX_SLOP {
                self.warn(Warning::SlopTooLarge);
                slop = MAX_SLOP;
            }
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = self.within_limit(&text)?;
        self.leaf(Node::Phrase { field, text, slop })
    }

    fn quoted(&mut self) -> &'a str {
        let rest = &self.rest()[1..];
        let length = rest.find('"');
        self.at += length.map_or(1 + rest.len(), |length| length + 2);
        &rest[..length.unwrap_or(rest.len())]
    }

    /// A run of anything up to white space, quotation marks, parentheses and bars: words, or a field with its value.
    fn chunk(&mut self, place: Place, is_negated: bool) -> Option<Node> {
        let rest = self.rest();
        let mut chunk = &rest[..rest.find(is_border).unwrap_or(rest.len())];
        self.at += chunk.len();
        let mut all = Vec::new();
        while let Some((start, _)) = words::extent(chunk) {
            chunk = &chunk[start..];
            let Some((name, value)) = key(chunk) else {
                all.extend(self.word(chunk, place.field));
                break;
            };
            let follows = if value.is_empty() { self.rest().chars().next() } else { None };
            // What is negated as a whole is in parentheses when it is written.
            let inner = Place { depth: place.depth + usize::from(is_negated && !all.is_empty()), ..place };
            let can_nest = inner.depth < MAX_DEPTH;
            match field::named(name) {
                Some(Field::Text(field)) if follows == Some('"') => {
                    all.extend(self.phrase(field));
                    break;
                }
                Some(Field::Text(field)) if follows == Some('(') && can_nest => {
                    all.extend(self.group(Place { field, ..inner }));
                    break;
                }
                Some(Field::Text(field)) if words::extent(value).is_some() => {
                    all.extend(self.word(value, field));
                    break;
                }
                Some(Field::Text(_)) => {
                    self.warn(Warning::BadValue { field: name.to_lowercase(), value: value.to_owned() });
                    all.extend(self.word(name, place.field));
                    break;
                }
                Some(Field::Filter(name_of)) => {
                    let before = self.at;
                    let value = match follows {
                        Some('"') => Value::Quoted(self.quoted()),
                        Some('(') => Value::Group(self.list()),
                        _ => Value::Chunk(value),
                    };
                    if let Some((filter, is_cut)) = field::filter(name_of, value, self.now) {
                        if is_cut {
                            self.warn(Warning::TooManyClauses);
                        }
                        all.extend(self.leaf(Node::Filter(filter)));
                        break;
                    }
                    self.at = before;
                    self.warn(Warning::BadValue { field: name_of.to_owned(), value: value.text().to_owned() });
                }
                None if value.is_empty() && !matches!(follows, Some('"' | '(')) => {
                    all.extend(self.word(name, place.field));
                    break;
                }
                None => self.warn(Warning::UnknownField(name.to_owned())),
            }
            // Both name and value are words.
            if is_negated && place.depth == MAX_DEPTH {
                self.warn(Warning::TooDeep);
                let text = chunk.split(':').filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
                let text = self.within_limit(&text)?;
                return self.leaf(Node::Phrase { field: place.field, text, slop: 0 });
            }
            all.extend(self.word(name, place.field));
            chunk = value;
            if is_negated && value.is_empty() {
                let inner = Place { depth: place.depth + 1, ..place };
                all.extend(match follows {
                    Some('"') => self.phrase(place.field),
                    Some('(') if inner.depth < MAX_DEPTH => self.group(inner),
                    _ => None,
                });
            }
        }
        and(all)
    }

    /// The inside of the parentheses of a list, in which quotation marks may hold more.
    fn list(&mut self) -> &'a str {
        let rest = &self.rest()[1..];
        let mut is_quoted = false;
        let length = rest.find(|c| {
            is_quoted ^= c == '"';
            c == ')' && !is_quoted
        });
        self.at += length.map_or(1 + rest.len(), |length| length + 2);
        &rest[..length.unwrap_or(rest.len())]
    }

    /// A word, or the beginning of one.
    fn word(&mut self, chunk: &str, field: TextField) -> Option<Node> {
        let body = chunk.trim_end_matches('*');
        let is_prefix = body.len() < chunk.len() && words::extent(body).is_some_and(|(_, end)| end == body.len());
        let text = self.within_limit(body)?;
        let is_whole = body.ends_with(text.as_str());
        if is_prefix && is_whole {
            if text.chars().nth(1).is_some() {
                return self.leaf(Node::Prefix { field, text });
            }
            self.warn(Warning::PrefixTooShort(text.clone()));
        }
        // Capitals would make an operator of it when the tree is written.
        let text = if matches!(text.as_str(), "AND" | "OR" | "NOT") { text.to_lowercase() } else { text };
        let node = self.leaf(Node::Word { field, text })?;
        if is_whole && chunk.len() == body.len() && self.negations == 0 {
            self.open = Some(self.at);
        }
        Some(node)
    }

    /// From the first word to the last one that may be; none without any.
    fn within_limit(&mut self, text: &str) -> Option<String> {
        let (start, mut end) = words::extent(text)?;
        if let Some(last) = words::tokens(&text[start..end], Mode::Query).nth(MAX_WORDS - 1)
            && words::tokens(&text[start..end], Mode::Query).nth(MAX_WORDS).is_some()
        {
            self.warn(Warning::PhraseTooLong);
            end = start + last.end;
        }
        Some(text[start..end].to_owned())
    }

    fn leaf(&mut self, node: Node) -> Option<Node> {
        if self.clauses == MAX_CLAUSES {
            self.warn(Warning::TooManyClauses);
            self.open = None;
            return None;
        }
        self.clauses += 1;
        Some(node)
    }
}

fn is_border(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '(' | ')' | '|')
}

/// Name and value of what is written like a field, and is no drive, time, address or path of code.
fn key(chunk: &str) -> Option<(&str, &str)> {
    let (name, value) = chunk.split_once(':')?;
    let is_name = name.chars().all(char::is_alphabetic) && name.chars().nth(1).is_some();
    let is_field = field::named(name).is_some();
    (is_name && (is_field || value.chars().next().is_none_or(char::is_alphanumeric))).then_some((name, value))
}

fn and(nodes: Vec<Node>) -> Option<Node> {
    let nodes = nodes.into_iter().flat_map(|node| if let Node::And(inner) = node { inner } else { vec![node] });
    one_or(nodes.collect(), Node::And)
}

fn or(nodes: Vec<Node>) -> Option<Node> {
    let nodes = nodes.into_iter().flat_map(|node| if let Node::Or(inner) = node { inner } else { vec![node] });
    one_or(nodes.collect(), Node::Or)
}

fn one_or(mut nodes: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Option<Node> {
    if nodes.len() > 1 { Some(several(nodes)) } else { nodes.pop() }
}

fn not(node: Node) -> Node {
    if let Node::Not(inner) = node { *inner } else { Node::Not(Box::new(node)) }
}
