//! Shows found words in their surroundings. A text and what was wanted of it come in, pieces of the text with marks go
//! out; nothing is escaped here.

use std::ops::Range;

use super::query::{Node, TextField};

/// A piece of the text; runs of white space are one space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragment {
    pub text: String,
    /// Ranges of characters of `text`, in order, never touching or overlapping.
    pub marks: Vec<Range<usize>>,
}

/// What of a query can be seen in one field.
#[derive(Debug, Clone, Default)]
pub struct Wanted {}

impl Wanted {
    /// The words, beginnings and phrases that are asked of `field`; what is negated is not among them.
    pub fn of(node: &Node, field: TextField) -> Self {
        let _ = (node, field);
        Self {}
    }
}

/// At most `most` pieces of about `length` characters, in the order of the text. None if nothing wanted is in it.
pub fn fragments(text: &str, wanted: &Wanted, most: usize, length: usize) -> Vec<Fragment> {
    let _ = (text, wanted, most, length);
    Vec::new()
}
