//! The table of limits: what is counted, how much of it is allowed, and why that much.

use async_graphql::{ServerError, Value};

use crate::graphql::error::{Code, fault};

/// One limit: what a client knows it by, and the most that passes.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    pub name: &'static str,
    pub most: usize,
}

const fn bound(name: &'static str, most: usize) -> Bound {
    Bound { name, most }
}

/// Of a document's text. The fattest documents of generated clients have some hundreds; parsing 2,000 takes a few
/// milliseconds.
pub const TOKENS: Bound = bound("tokens", 2_000);
/// Open braces, brackets and parentheses at any place of the text: the parser calls itself for each.
pub const BRACKETS: Bound = bound("brackets", 64);
/// Fields inside fields. A tree of folders is read to some levels, and everything else is shallower.
pub const DEPTH: Bound = bound("depth", 15);
/// Selection sets inside each other, those of fragments and of introspection included: validation and the executor
/// call themselves for each. Tools that read the schema need 17.
pub const NESTING: Bound = bound("nesting", 32);
/// Fields with another name, counted wherever their fragment is spread: aliases make one field run many times.
pub const ALIASES: Bound = bound("aliases", 30);
/// Fields an operation begins with: each is a request of its own. A page of a front end needs a handful.
pub const ROOT_FIELDS: Bound = bound("rootFields", 20);
/// Directives of an operation, counted wherever their fragment is spread: each is looked at several times.
pub const DIRECTIVES: Bound = bound("directives", 20);
/// Selections of the whole document with every fragment counted wherever it is spread: what validation goes through.
/// Without fragments the tokens allow no more than a fifth of it; this stops fragments that double and double again.
pub const SELECTIONS: Bound = bound("selections", 10_000);
/// Lists of introspection (`fields`, `interfaces`, `possibleTypes`, `inputFields`) inside each other: a third makes the
/// answer as large as the schema to the power of three. The same rule and number as in graphql-js.
pub const INTROSPECTION: Bound = bound("introspection", 2);
/// Values in the variables of an operation, those in lists and objects counted one by one. The longest lists any input
/// takes have 100 items of ten fields.
pub const VALUES: Bound = bound("variableValues", 10_000);
/// Points of one operation: two lists of 100 inside each other with five fields each. A bucket holds twice as much.
pub const COST: Bound = bound("cost", 50_000);
/// Fields of introspection times the lists they lie in. The largest query of the known tools comes to about a fifth.
pub const INTROSPECTED: Bound = bound("introspectionCost", 2_000_000);
/// Faults of one document told at once, as in graphql-js: nobody mends more than that in one go.
pub const FAULTS: usize = 100;

impl Bound {
    /// # Errors
    /// `COMPLEXITY_EXCEEDED`, with the name, the value and the maximum also as data.
    pub fn hold(self, value: usize) -> Result<(), ServerError> {
        if value <= self.most {
            return Ok(());
        }
        let Self { name, most } = self;
        let mut error =
            fault(Code::ComplexityExceeded, format!("the limit `{name}` is {most}, and this operation has {value}"));
        let values = error.extensions.get_or_insert_default();
        values.set("limit", name);
        values.set("value", Value::from(value as u64));
        values.set("maximum", Value::from(most as u64));
        Err(error)
    }
}
