//! What kind of character a character is, where the rules of words ask for more than the standard library tells.

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Chinese characters.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fd5}' | '々' | '〇' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303b}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{fad9}' | '\u{20000}'..='\u{3ffff}')
}

pub fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{1b001}'..='\u{1b11f}' | '\u{1b132}'
        | '\u{1b150}'..='\u{1b152}')
}

/// The property of UAX #29, to which the marks of sound and length belong as well.
pub fn is_katakana(c: char) -> bool {
    matches!(c, '\u{3031}'..='\u{3035}' | '\u{309b}' | '\u{309c}' | '\u{30a0}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{32d0}'..='\u{32fe}' | '\u{3300}'..='\u{3357}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{1aff0}'..='\u{1affe}' | '\u{1b000}' | '\u{1b120}'..='\u{1b122}' | '\u{1b155}'
        | '\u{1b164}'..='\u{1b167}')
}

/// Korean letters and syllables.
pub fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{d7b0}'..='\u{d7fb}' | '\u{ffa0}'..='\u{ffdc}')
}

/// Scripts that are searched by pairs of characters.
pub fn is_paired(c: char) -> bool {
    c >= '\u{1100}' && (is_han(c) || is_hiragana(c) || is_katakana(c) || is_hangul(c))
}

/// Letters and marks of scripts of South East Asia, whose words only a dictionary could part (Line_Break SA).
pub fn is_unparted(c: char) -> bool {
    matches!(c, '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ecf}' | '\u{eda}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109f}' | '\u{1780}'..='\u{17d3}'
        | '\u{17d7}' | '\u{17dc}' | '\u{17dd}' | '\u{1950}'..='\u{1974}' | '\u{1980}'..='\u{19c9}' | '\u{19da}'
        | '\u{19de}' | '\u{19df}' | '\u{1a20}'..='\u{1a7f}' | '\u{1aa0}'..='\u{1aad}' | '\u{a9e0}'..='\u{a9ef}'
        | '\u{a9fa}'..='\u{a9fe}' | '\u{aa60}'..='\u{aac2}' | '\u{aadb}'..='\u{aadf}' | '\u{11700}'..='\u{1172b}'
        | '\u{1173a}' | '\u{1173b}' | '\u{1173f}'..='\u{11746}')
}

/// Belongs to the character before it: marks, joiners, the sound marks of half-width katakana.
pub fn is_attached(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}' | '\u{ff9e}' | '\u{ff9f}')
}

/// A letter, or a digit of a decimal number; not the `²` of `m²`.
pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_alphabetic() && !is_combining_mark(c) || is_digit(c)
}

fn is_digit(c: char) -> bool {
    // Only such digits join a letter into one word.
    c.is_numeric() && (c.is_ascii() || joins('a', c))
}

/// Emoji, and signs that may be shown as one (Extended_Pictographic).
pub fn is_pictograph(c: char) -> bool {
    // Rule WB3c: only these join a zero width joiner, but for what joins everything.
    !c.is_ascii() && joins('\u{200d}', c) && !joins('a', c)
}

fn joins(first: char, second: char) -> bool {
    let mut bytes = [0; 8];
    let start = first.encode_utf8(&mut bytes).len();
    let end = start + second.encode_utf8(&mut bytes[start..]).len();
    std::str::from_utf8(&bytes[..end]).is_ok_and(|both| both.split_word_bounds().nth(1).is_none())
}
