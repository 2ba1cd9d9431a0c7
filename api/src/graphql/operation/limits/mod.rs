//! What an operation may be made of and what it may cost. A text is counted before it is parsed, a document is measured
//! when it is first read, and each run is costed with its variables and charged to whoever asks.

mod account;
mod bound;
mod bucket;
mod cost;
mod introspection;
mod measure;
mod tariff;
mod token;

pub use account::Account;
pub use bound::FAULTS;
pub use bucket::Buckets;
pub use cost::cost;
pub use introspection::{SUGGESTED, allow, hush, is_allowed, suggest};
pub use measure::{Measures, measure};
pub use token::tokens;
