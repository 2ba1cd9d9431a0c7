//! One query language over two engines: what was typed becomes a tree, texts become words, found words are shown
//! in their surroundings. Everything listed here is a pure function.

pub mod highlight;
pub mod query;
pub mod words;
