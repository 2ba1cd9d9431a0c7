//! The query language. Typed text comes in, a tree goes out together with warnings; there is no text that is an error.
//! The same tree can be written as text again. Tighter to looser: fields, `-` and `NOT`, words side by side (and
//! `AND`), `OR` and `|`.

pub mod ast;
mod clean;
mod date;
mod display;
mod field;
mod parser;
mod size;

pub use ast::{Filter, Kind, Node, Parsed, Part, Place, Range, State, TextField, Warning};

use chrono::{DateTime, SubsecRound, Utc};

/// Characters of typed text that are read.
pub const MAX_CHARACTERS: usize = 1024;
/// Words, beginnings, phrases and filters of a tree.
pub const MAX_CLAUSES: usize = 64;
/// Parentheses within each other.
pub const MAX_DEPTH: usize = 10;
/// Words of a phrase.
pub const MAX_WORDS: usize = 32;
/// Positions the words of a phrase may be off.
pub const MAX_SLOP: u8 = 10;

/// Understands what was typed. `now` is what relative dates (`today`, `7d`) count from; days begin in UTC.
pub fn parse(text: &str, now: DateTime<Utc>) -> Parsed {
    match clean::cut(text) {
        None => parse_whole(text, now),
        Some(text) => {
            let mut parsed = parse_whole(text, now);
            parsed.warnings.insert(0, Warning::TooLong);
            parsed.is_open = false;
            parsed
        }
    }
}

/// Of any length: what a tree is written as may be longer than what was typed.
fn parse_whole(text: &str, now: DateTime<Utc>) -> Parsed {
    parser::Parser::new(&clean::clean(text), now.trunc_subsecs(6)).run()
}

#[cfg(test)]
mod tests;
