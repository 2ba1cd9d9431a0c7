//! What one reading of a document left out and another finds: paragraphs with words that have not come yet.

use std::collections::HashSet;

use crate::text::{Full, Sink};

pub struct Missed {
    known: HashSet<String>,
}

impl Missed {
    /// With what came since the first `before` bytes of the sink.
    pub fn since(before: usize, sink: &Sink) -> Self {
        Self { known: words(sink.since(before)).map(str::to_lowercase).collect() }
    }

    /// Adds a paragraph, if it has a word that did not come yet. Numbers are of pages and axes, and do not count.
    ///
    /// # Errors
    /// `Full` when the sink is.
    pub fn add(&mut self, text: &str, sink: &mut Sink) -> Result<(), Full> {
        let is_new = |word: &str| word.chars().any(char::is_alphabetic) && !self.known.contains(&word.to_lowercase());
        if !words(text).any(is_new) {
            return Ok(());
        }
        self.known.extend(words(text).map(str::to_lowercase));
        sink.line()?;
        sink.push(text)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
