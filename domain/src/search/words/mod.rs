//! What a word is, for every text that is searched and every text that is shown: the rules of Lucene's
//! `standard + cjk_width + lowercase + asciifolding + cjk_bigram`, so that a second engine gives the same tokens.
//! It differs in two things, which a char filter repeats there: text is composed (NFC) first, and a colon parts words.
//! At `Query`, positions stay those of `Index`; Lucene counts pairs of characters as if each were a word.

mod fold;
mod naming;
mod running;
pub(super) mod script;

use std::collections::VecDeque;

use naming::Naming;
use running::Running;

/// In UTF-16 units, as Lucene counts; longer words are cut into several.
const LONGEST: usize = 255;

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

/// The words of running text, in order of position. Chinese, Japanese and Korean become pairs of characters, at `Index`
/// single characters as well, at the position of their first character.
pub fn tokens(text: &str, mode: Mode) -> Tokens<'_> {
    Tokens::new(text, mode, Source::Running(Running::default()))
}

/// The words of a name: also split where letters meet digits and at every sign, and into the single characters of
/// Chinese, Japanese and Korean. At `Index` the humps of `camelCase` are tokens too, at the position of the whole, so
/// that the case of a query never matters.
pub fn names(text: &str, mode: Mode) -> Tokens<'_> {
    Tokens::new(text, mode, Source::Naming(Naming::default()))
}

/// Where the first word of a text begins and the last one ends, in any field; none if it has no words.
pub fn extent(text: &str) -> Option<(usize, usize)> {
    let mut extent = None;
    for mut stream in [tokens(text, Mode::Query), names(text, Mode::Query)] {
        while let Some(piece) = stream.piece() {
            let (start, end) = extent.unwrap_or((piece.start, piece.end));
            extent = Some((start.min(piece.start), end.max(piece.end)));
        }
    }
    extent
}

/// An iterator of tokens. Advanced by hand it reuses one token and allocates nothing.
pub struct Tokens<'a> {
    text: &'a str,
    source: Source<'a>,
    line: Line,
    token: Token,
}

enum Source<'a> {
    Running(Running<'a>),
    Naming(Naming),
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str, mode: Mode, source: Source<'a>) -> Self {
        let line = Line { mode, ready: VecDeque::new(), position: 0, last: None };
        Self { text, source, line, token: Token::default() }
    }

    /// Steps to the next token; false at the end.
    pub fn advance(&mut self) -> bool {
        let Some(piece) = self.piece() else { return false };
        let token = &mut self.token;
        (token.position, token.start, token.end) = (piece.position, piece.start, piece.end);
        token.text.clear();
        match piece.form {
            Form::Word => fold::word(&self.text[piece.start..piece.end], &mut token.text),
            Form::Single(only) => fold::letter(only, &mut token.text),
            Form::Pair(first, second) => {
                fold::letter(first, &mut token.text);
                fold::letter(second, &mut token.text);
            }
        }
        true
    }

    /// The token stepped to.
    pub fn token(&self) -> &Token {
        &self.token
    }

    fn piece(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.line.ready.pop_front() {
                return Some(piece);
            }
            let more = match &mut self.source {
                Source::Running(running) => running.step(self.text, &mut self.line),
                Source::Naming(naming) => naming.step(self.text, &mut self.line),
            };
            if !more {
                self.line.close();
                return self.line.ready.pop_front();
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.advance().then(|| self.token.clone())
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Word,
    Single(char),
    Pair(char, char),
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    form: Form,
    position: usize,
    start: usize,
    end: usize,
}

/// A character of a script that is searched by pairs.
#[derive(Debug, Clone, Copy)]
struct Letter {
    letter: char,
    start: usize,
    end: usize,
}

/// Gives positions, and makes pairs of neighbours.
struct Line {
    mode: Mode,
    ready: VecDeque<Piece>,
    position: usize,
    /// The last letter, which still waits for its neighbour, and whether it has one on its other side.
    last: Option<(Letter, bool)>,
}

impl Line {
    fn word(&mut self, start: usize, end: usize) {
        self.close();
        self.ready.push_back(Piece { form: Form::Word, position: self.position, start, end });
        self.position += 1;
    }

    /// A word that shares the position of the word before it.
    fn part(&mut self, start: usize, end: usize) {
        self.ready.push_back(Piece { form: Form::Word, position: self.position.saturating_sub(1), start, end });
    }

    fn single(&mut self, of: Letter) {
        self.ready.push_back(Piece {
            form: Form::Single(of.letter),
            position: self.position,
            start: of.start,
            end: of.end,
        });
        self.position += 1;
    }

    fn paired(&mut self, next: Letter) {
        let neighbour = self.last.filter(|(last, _)| last.end == next.start);
        if let Some((last, _)) = neighbour {
            if self.mode == Mode::Index {
                self.single(last);
                self.position -= 1;
            }
            self.ready.push_back(Piece {
                form: Form::Pair(last.letter, next.letter),
                position: self.position,
                start: last.start,
                end: next.end,
            });
            self.position += 1;
        } else {
            self.close();
        }
        self.last = Some((next, neighbour.is_some()));
    }

    fn close(&mut self) {
        match self.last.take() {
            Some((_, true)) if self.mode == Mode::Query => self.position += 1,
            Some((last, _)) => self.single(last),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
