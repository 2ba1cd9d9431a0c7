//! Typed text before it is read: signs that mean the same become the same, what cannot be seen goes.

use unicode_normalization::UnicodeNormalization;

use super::MAX_CHARACTERS;

/// What is read of a text that is too long: whole words, if there are any.
pub fn cut(text: &str) -> Option<&str> {
    let (end, next) = text.char_indices().nth(MAX_CHARACTERS)?;
    let text = &text[..end];
    let whole = if next.is_whitespace() { None } else { text.rfind(char::is_whitespace) };
    Some(&text[..whole.unwrap_or(end)])
}

/// Composed; full-width signs of ASCII, quotation marks and white space as ASCII has them; no marks of direction.
pub fn clean(text: &str) -> String {
    text.chars().nfc().filter_map(sign).nfc().collect()
}

fn sign(c: char) -> Option<char> {
    match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
        '“' | '”' | '„' | '‟' | '«' | '»' | '\u{301d}'..='\u{301f}' | '\u{ff02}' => Some('"'),
        '\u{2212}' => Some('-'),
        '\u{200b}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        c if c.is_control() || c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}
