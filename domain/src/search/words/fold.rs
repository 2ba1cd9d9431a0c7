//! When two characters are the same one: composed, full and half width in one, lower case, letters without their
//! accents. Lucene's ASCIIFoldingFilter says which (`ß` is ss, `ø` is o); tantivy carries its table.

use std::sync::OnceLock;

use tantivy::tokenizer::{AsciiFoldingFilter, TextAnalyzer, WhitespaceTokenizer};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Appends the folded word.
pub fn word(word: &str, to: &mut String) {
    if word.is_ascii() {
        to.extend(word.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
    } else if is_nfc(word) {
        word.chars().for_each(|c| letter(c, to));
    } else {
        word.nfc().for_each(|c| letter(c, to));
    }
}

/// Appends the folded character.
pub fn letter(c: char, to: &mut String) {
    let c = lower(width(c));
    if c.is_ascii() {
        to.push(c);
        return;
    }
    let table = table();
    match table.binary_search_by_key(&c, |(from, _)| *from) {
        Ok(at) => to.push_str(&table[at].1),
        Err(_) => to.push(c),
    }
}

/// Full-width signs of ASCII, and half-width katakana.
pub fn width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{ff9e}' => '\u{3099}',
        '\u{ff9f}' => '\u{309a}',
        '\u{ff65}'..='\u{ff9d}' => std::iter::once(c).nfkc().next().unwrap_or(c),
        _ => c,
    }
}

/// One character for one, as Lucene does: the dot of `İ` is gone.
fn lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Sorted by character.
fn table() -> &'static [(char, String)] {
    static TABLE: OnceLock<Vec<(char, String)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        // The blocks that the filter knows: Latin to punctuation and enclosed signs, Latin Extended-D, ligatures.
        let all = ('\u{80}'..='\u{2e7f}').chain('\u{a720}'..='\u{a7ff}').chain('\u{fb00}'..='\u{fb06}');
        let text: String = all.flat_map(|c| [c, ' ']).collect();
        let mut filter = TextAnalyzer::builder(WhitespaceTokenizer::default()).filter(AsciiFoldingFilter).build();
        let mut stream = filter.token_stream(&text);
        let mut table = Vec::new();
        while stream.advance() {
            let token = stream.token();
            let original = &text[token.offset_from..token.offset_to];
            if let (true, Some(c)) = (token.text != original, original.chars().next()) {
                table.push((c, token.text.clone()));
            }
        }
        table
    })
}
