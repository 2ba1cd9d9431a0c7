//! The tree of a query, as both engines compile it. It is built by the parser alone and is always in normal form:
//! `And` and `Or` have at least two children and none of their own kind, nothing is negated twice, and every text
//! holds at least one word.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What was understood, and what was not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// Nothing asks for everything; unless [`Warning::NoWords`] says that what was typed means nothing at all.
    pub root: Option<Node>,
    /// In the order of the text.
    pub warnings: Vec<Warning>,
    /// The text ends right after a word, which may be only the beginning of one. It is the last leaf of the tree,
    /// a [`Node::Word`] outside of any `Not`.
    pub is_open: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    /// Alone at the root it means everything but this.
    Not(Box<Node>),
    /// As typed. If a field's analyzer makes several tokens of it, they are a phrase there; if it makes none, the word
    /// is not in that field.
    Word {
        field: TextField,
        text: String,
    },
    /// As [`Node::Word`], but its last token is the beginning of a word. Without the star, at least two characters.
    Prefix {
        field: TextField,
        text: String,
    },
    /// At most 32 words.
    Phrase {
        field: TextField,
        text: String,
        /// How many positions the words may be off in sum, 0 to 10. Swapped neighbours are off by two.
        slop: u8,
    },
    Filter(Filter),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextField {
    /// Name, title, author and content.
    Any,
    Name,
    Title,
    Author,
    Content,
}

/// What does not score. Lists are never empty and mean any of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Lower case, without the dot.
    Extension(Vec<String>),
    Kind(Vec<Kind>),
    /// As typed: a provider's id, kind or name.
    Provider(Vec<String>),
    In(Place),
    /// As typed: a name, an e-mail address, an id, or `me`.
    Owner(String),
    /// Lower case codes: `en`, `pt-br`.
    Language(Vec<String>),
    /// Bytes.
    Size(Range<u64>),
    Modified(Range<DateTime<Utc>>),
    Created(Range<DateTime<Utc>>),
    Taken(Range<DateTime<Utc>>),
    Is(State),
    Has(Part),
    Id(Vec<Uuid>),
}

/// At least one end is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<T> {
    /// Inclusive.
    pub from: Option<T>,
    /// Exclusive.
    pub to: Option<T>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Document,
    Spreadsheet,
    Presentation,
    Pdf,
    Image,
    Video,
    Audio,
    Archive,
    Code,
    Text,
    Mail,
    Folder,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Id(Uuid),
    /// Without slashes at its ends; empty is the root.
    Path(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Encrypted,
    Unavailable,
    Native,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    Text,
    Thumbnail,
}

/// What was cut, or taken for something else than it may have been meant as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    #[error("only the first 1024 characters were read")]
    TooLong,
    #[error("only the first 64 words and filters were read")]
    TooManyClauses,
    #[error("parentheses within more than 10 others were ignored")]
    TooDeep,
    #[error("only the first 32 words of a phrase were read")]
    PhraseTooLong,
    #[error("words of a phrase may be at most 10 positions off")]
    SlopTooLarge,
    #[error("{0}* was read as a word: a beginning needs two characters")]
    PrefixTooShort(String),
    #[error("{0} is not a field; its name and value were read as words")]
    UnknownField(String),
    #[error("{value:?} means nothing for {field}; both were read as words")]
    BadValue { field: String, value: String },
    #[error("nothing in it could be a word")]
    NoWords,
}
