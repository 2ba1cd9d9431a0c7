//! One query language over two engines: what was typed becomes a tree, texts become words, found words are shown
//! in their surroundings. The engine here keeps an index on this machine that follows the change log; who may see what is
//! decided when searching, in `rights` and nowhere else.

#[cfg(test)]
mod any_text_tests;
mod collect;
mod compile;
mod cursor;
mod excluded;
mod find;
pub mod highlight;
mod index;
mod order;
mod place;
pub mod query;
mod rights;
mod status;
mod suggest;
pub mod words;

pub use collect::{Bucket, Facet, Facets};
pub use cursor::{Order, Sort};
pub use find::{Found, Highlights, Hit, Request, search};
pub use index::{Caught, Engine, Progress, catch_up, rebuild};
pub use order::{order_rebuild, ordered};
pub use status::{Status, status};
