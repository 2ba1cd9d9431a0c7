//! The search language of `files.list`: `q` is read into a tree, the tree is asked about one file at a time; `orderBy` sorts.

mod eval;
mod order;
mod parse;

pub use eval::{Eye, matches};
pub use order::sort;
pub use parse::parse;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    Everything,
    And(Box<Query>, Box<Query>),
    Or(Box<Query>, Box<Query>),
    Not(Box<Query>),
    /// `term op value`.
    Is(Term, Op, String),
    /// `'value' in term`.
    In(String, Term),
    /// `properties has {key=… and value=…}`; true for appProperties.
    Has(bool, String, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    Name,
    FullText,
    MimeType,
    ModifiedTime,
    ViewedByMeTime,
    CreatedTime,
    SharedWithMeTime,
    Trashed,
    Starred,
    SharedWithMe,
    Parents,
    Owners,
    Writers,
    Readers,
    Visibility,
    ShortcutTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Contains,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Query {
    /// A folder every match must lie in, so that a listing need not look at all files.
    pub fn parent(&self) -> Option<&str> {
        match self {
            Self::In(id, Term::Parents) => Some(id),
            Self::And(left, right) => left.parent().or_else(|| right.parent()),
            _ => None,
        }
    }

    pub fn searches_text(&self) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.searches_text() || right.searches_text(),
            Self::Not(inner) => inner.searches_text(),
            Self::Is(term, ..) => *term == Term::FullText,
            _ => false,
        }
    }
}
