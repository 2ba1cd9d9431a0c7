//! A mail's body comes twice: as plain text and as HTML. Which of the two is poured, or both.

use std::collections::HashSet;

use super::{Full, Sink};

/// One word in so many that only the second has makes it a text of its own.
const OWN_WORDS: usize = 20;

/// Pours the first, and the second where it says more: the plain text is often a stub that points to the other.
///
/// # Errors
/// `Full` when the sink is.
pub fn pour(first: &str, second: &str, sink: &mut Sink) -> Result<(), Full> {
    sink.push(first)?;
    if says_more(second, first) {
        sink.line()?;
        sink.push(second)?;
    }
    sink.line()
}

fn says_more(second: &str, first: &str) -> bool {
    let words = |text| -> HashSet<&str> { <str>::split_whitespace(text).collect() };
    let (second, first) = (words(second), words(first));
    second.difference(&first).count() * OWN_WORDS > second.len()
}
