//! One query language over two engines: what was typed becomes a tree, texts become words, found words are shown
//! in their surroundings, and documents are read as an index wants them. `embedded` keeps an index on this machine, `elastic`
//! one in Elasticsearch; both follow the change log. Who may see what is decided when searching, in `rights` and nowhere else.

#[cfg(test)]
mod any_text_tests;
mod ask;
mod cursor;
mod elastic;
mod embedded;
mod engine;
mod fault;
mod find;
pub mod highlight;
mod load;
mod order;
mod place;
pub mod query;
mod rights;
mod status;
mod stems;
mod suggest;
mod touched;
mod weight;
pub mod words;

pub use ask::{Bucket, Facet, Facets};
pub use cursor::{Order, Sort};
pub use engine::{Caught, Engine, Progress, catch_up, purge, rebuild};
pub use find::{Found, Highlights, Hit, Request, search};
pub use order::{order_rebuild, ordered};
pub use status::{Standing, Status, status};
