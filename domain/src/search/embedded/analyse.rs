//! The analysers of the index: the words of `words`, and their stems. What is looked for goes through the same ones.

use tantivy::tokenizer::{Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::search::{
    stems::STEMMED,
    words::{self, Mode},
};

pub const WORDS: &str = "words";
pub const NAMES: &str = "names";

/// The analyser of stems in a language.
pub fn stems(code: &str) -> String {
    format!("stems_{code}")
}

pub fn analysers() -> TokenizerManager {
    // With the one that leaves words whole.
    let all = TokenizerManager::default();
    all.register(WORDS, Words(Kind::Words));
    all.register(NAMES, Words(Kind::Names));
    for (code, language) in STEMMED {
        all.register(&stems(code), TextAnalyzer::builder(Words(Kind::Words)).filter(Stemmer::new(language)).build());
    }
    all
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Words,
    Names,
}

#[derive(Debug, Clone, Copy)]
struct Words(Kind);

impl Tokenizer for Words {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let tokens = match self.0 {
            Kind::Words => words::tokens(text, Mode::Index),
            Kind::Names => words::names(text, Mode::Index),
        };
        Stream { tokens, token: Token::default() }
    }
}

struct Stream<'a> {
    tokens: words::Tokens<'a>,
    token: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        if !self.tokens.advance() {
            return false;
        }
        let next = self.tokens.token();
        self.token.text.clear();
        self.token.text.push_str(&next.text);
        self.token.position = next.position;
        (self.token.offset_from, self.token.offset_to) = (next.start, next.end);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
