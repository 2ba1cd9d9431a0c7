//! Running text is parted by the word borders of UAX #29. Pieces without any sign outside of ASCII, most of most
//! texts, are parted by the same rules in a few lines, which is several times faster.

use std::iter::Peekable;

use unicode_normalization::char::compose;
use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

use super::{LONGEST, Letter, Line, fold, script};

/// Where the reading of a text is.
#[derive(Default)]
pub struct Running<'a> {
    at: usize,
    inside: Inside<'a>,
}

/// Of a chunk: a run without white space and colons, at which words always end.
#[derive(Default)]
enum Inside<'a> {
    #[default]
    Nothing,
    Ascii {
        end: usize,
    },
    Any {
        start: usize,
        segments: Peekable<UWordBoundIndices<'a>>,
    },
}

impl<'a> Running<'a> {
    /// Puts what comes next on the line, which may be nothing; false at the end of the text.
    pub fn step(&mut self, text: &'a str, line: &mut Line) -> bool {
        match &mut self.inside {
            Inside::Nothing => return self.enter(text),
            Inside::Ascii { end } => match next_ascii(text.as_bytes(), self.at, *end) {
                Some((start, end)) => {
                    words(text, start, end, line);
                    self.at = end;
                }
                None => {
                    self.at = *end;
                    self.inside = Inside::Nothing;
                }
            },
            Inside::Any { start, segments } => match segments.next() {
                Some((offset, segment)) => segmented(text, *start, offset, segment, segments, line),
                None => self.inside = Inside::Nothing,
            },
        }
        true
    }

    /// Finds the next chunk.
    fn enter(&mut self, text: &'a str) -> bool {
        let bytes = text.as_bytes();
        while let Some(gap) = gap(bytes, self.at) {
            self.at += gap;
        }
        let start = self.at;
        let (mut end, mut is_ascii) = (start, true);
        while end < bytes.len() && gap(bytes, end).is_none() {
            is_ascii &= bytes[end].is_ascii();
            end += 1;
        }
        if is_ascii {
            self.inside = Inside::Ascii { end };
        } else {
            self.at = end;
            let segments = text[start..end].split_word_bound_indices().peekable();
            self.inside = Inside::Any { start, segments };
        }
        end > start
    }
}

/// The length of the white space or colon at a place.
fn gap(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'\t'..=b'\r' | b' ' | b':' => Some(1),
        // The full-width colon.
        0xef if bytes[at..].starts_with("\u{ff1a}".as_bytes()) => Some(3),
        _ => None,
    }
}

/// The next word of a chunk of ASCII: letters, digits and low lines; one `.` or `'` between letters; one of `. , ; '`
/// between digits.
fn next_ascii(bytes: &[u8], mut at: usize, end: usize) -> Option<(usize, usize)> {
    let is_part = |at: usize| at < end && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
    loop {
        while at < end && !is_part(at) {
            at += 1;
        }
        if at == end {
            return None;
        }
        let start = at;
        let mut has_word = false;
        loop {
            while is_part(at) {
                has_word |= bytes[at] != b'_';
                at += 1;
            }
            let Some(next) = bytes[..end].get(at + 1) else { break };
            let (before, sign) = (bytes[at - 1], bytes[at]);
            let joins = before.is_ascii_alphabetic() && next.is_ascii_alphabetic() && matches!(sign, b'.' | b'\'')
                || before.is_ascii_digit() && next.is_ascii_digit() && matches!(sign, b'.' | b',' | b';' | b'\'');
            if !joins {
                break;
            }
            at += 1;
        }
        if has_word {
            return Some((start, at));
        }
    }
}

/// What one segment between two word borders is.
fn segmented<'a>(
    text: &'a str,
    base: usize,
    offset: usize,
    segment: &'a str,
    following: &mut Peekable<UWordBoundIndices<'a>>,
    line: &mut Line,
) {
    let (start, mut end) = (base + offset, base + offset + segment.len());
    let Some(first) = segment.chars().next() else { return };
    let all = |is: fn(char) -> bool| is(first) && segment.chars().all(|c| is(c) || script::is_attached(c));
    if script::is_unparted(first) {
        while let Some((_, next)) = following.next_if(|(_, next)| next.starts_with(script::is_unparted)) {
            end += next.len();
        }
        words(text, start, end, line);
    } else if script::is_han(first) || script::is_hiragana(first) || all(script::is_katakana) || all(script::is_hangul)
    {
        letters(segment, start).into_iter().for_each(|letter| line.paired(letter));
    } else if segment.chars().any(script::is_word) {
        words(text, start, end, line);
    } else if is_emoji(first, segment) {
        line.word(start, end);
    }
}

/// A picture, a flag (two letters of four bytes), or a sign on a key.
fn is_emoji(first: char, segment: &str) -> bool {
    match first {
        '\u{1f1e6}'..='\u{1f1ff}' => segment.len() >= 8,
        '#' | '*' => segment.contains('\u{20e3}'),
        _ => script::is_pictograph(first),
    }
}

/// One word, or several if it is too long to be one.
fn words(text: &str, mut start: usize, end: usize, line: &mut Line) {
    while end - start > LONGEST {
        let Some(window) = window(&text[start..end]) else { break };
        // The end of the window may part what only holds together by what follows.
        let first = window.split_word_bounds().next().filter(|first| first.chars().any(script::is_word));
        let cut = if window.starts_with(script::is_unparted) { window.len() } else { first.unwrap_or(window).len() };
        line.word(start, start + cut);
        start += cut;
        while !text[start..end].is_empty() && !text[start..end].starts_with(is_inner) {
            start += text[start..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if start < end {
        line.word(start, end);
    }
}

fn is_inner(c: char) -> bool {
    c == '_' || script::is_word(c) || script::is_unparted(c)
}

/// The longest beginning that is short enough; none if that is all of it.
pub fn window(text: &str) -> Option<&str> {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > LONGEST {
            return Some(&text[..at]);
        }
    }
    None
}

/// The characters of a run, each with the marks that make one character with it.
pub fn letters(run: &str, start: usize) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(run.len() / 3 + 1);
    for (at, c) in run.char_indices() {
        let (at, next) = (start + at, fold::width(c));
        match letters.last_mut().and_then(|last| Some((compose(last.letter, next)?, last))) {
            Some((composed, last)) => {
                last.letter = composed;
                last.end = at + c.len_utf8();
            }
            None => letters.push(Letter { letter: next, start: at, end: at + c.len_utf8() }),
        }
    }
    letters
}
