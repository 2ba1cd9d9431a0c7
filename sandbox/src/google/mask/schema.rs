//! Which fields each response type has, in the vendor's own names: `schema.txt`, one type per line,
//! `field` for a plain value, `field:Type` for an object or a list of them, `field:*` for free keys.

use std::{collections::HashMap, sync::OnceLock};

type Fields = HashMap<&'static str, Option<&'static str>>;

/// The type of a field: `None` no such field, `Some(None)` a plain value, `Some(Some("*"))` anything below.
pub fn field(schema: &str, name: &str) -> Option<Option<&'static str>> {
    static ALL: OnceLock<HashMap<&'static str, Fields>> = OnceLock::new();
    let all = ALL.get_or_init(|| include_str!("schema.txt").lines().map(line).collect());
    all.get(schema)?.get(name).copied()
}

fn line(line: &'static str) -> (&'static str, Fields) {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let fields = words.map(|word| match word.split_once(':') {
        Some((field, of)) => (field, Some(of)),
        None => (word, None),
    });
    (name, fields.collect())
}
