//! Shows found words in their surroundings. A text and what was wanted of it come in, pieces of the text with marks go
//! out; nothing is escaped here.

mod cut;
mod find;
mod wanted;

use std::ops::Range;

pub use wanted::Wanted;

/// A piece of the text; runs of white space are one space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragment {
    pub text: String,
    /// Ranges of characters of `text`, in order, never touching or overlapping.
    pub marks: Vec<Range<usize>>,
}

/// A place in the text, in bytes, where one of the wanted things is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    start: usize,
    end: usize,
    /// Which one.
    item: usize,
}

/// At most `most` pieces of about `length` characters, in the order of the text: those that show most of what is
/// wanted. None if nothing wanted is in it.
pub fn fragments(text: &str, wanted: &Wanted, most: usize, length: usize) -> Vec<Fragment> {
    let hits = find::hits(text, wanted);
    cut::choose(text, &hits, most, length).into_iter().map(|range| cut::fragment(text, range, &hits)).collect()
}

#[cfg(test)]
mod tests;
