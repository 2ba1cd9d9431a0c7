//! The stems of words: other forms of a word are found by them, in the languages there is a stemmer for. Both engines use
//! the same ones.

use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, TextAnalyzer};

/// Languages whose words are also found in other forms, by their ISO 639-1 codes.
pub const STEMMED: [(&str, Language); 18] = [
    ("ar", Language::Arabic),
    ("da", Language::Danish),
    ("nl", Language::Dutch),
    ("en", Language::English),
    ("fi", Language::Finnish),
    ("fr", Language::French),
    ("de", Language::German),
    ("el", Language::Greek),
    ("hu", Language::Hungarian),
    ("it", Language::Italian),
    ("no", Language::Norwegian),
    ("pt", Language::Portuguese),
    ("ro", Language::Romanian),
    ("ru", Language::Russian),
    ("es", Language::Spanish),
    ("sv", Language::Swedish),
    ("ta", Language::Tamil),
    ("tr", Language::Turkish),
];

/// Makes stems of words, one after the other.
pub struct Stemming(TextAnalyzer);

impl Stemming {
    /// None for a language that is not in `STEMMED`.
    pub fn of(code: &str) -> Option<Self> {
        let (_, language) = STEMMED.iter().find(|(known, _)| *known == code)?;
        Some(Self(TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(*language)).build()))
    }

    pub fn stem(&mut self, word: &str) -> Option<String> {
        let mut stream = self.0.token_stream(word);
        stream.next().map(|token| token.text.clone())
    }
}

/// The stem of a word in a language of `STEMMED`.
pub fn stem(word: &str, code: &str) -> Option<String> {
    Stemming::of(code)?.stem(word)
}
