//! A mail's body comes twice: as plain text and as HTML. Which of the two is poured, or both.

use std::collections::HashSet;

use super::{Full, Sink};

/// One word in so many that only the HTML has makes it a text of its own.
const OWN_WORDS: usize = 20;

/// Pours the plain text, and the other where it says more: the plain one is often a stub that points to it.
///
/// # Errors
/// `Full` when the sink is.
pub fn pour(plain: &str, rich: &str, sink: &mut Sink) -> Result<(), Full> {
    sink.push(plain)?;
    if says_more(rich, plain) {
        sink.line()?;
        sink.push(rich)?;
    }
    sink.line()
}

fn says_more(rich: &str, plain: &str) -> bool {
    let words = |text| -> HashSet<&str> { <str>::split_whitespace(text).collect() };
    let (rich, plain) = (words(rich), words(plain));
    rich.difference(&plain).count() * OWN_WORDS > rich.len()
}
