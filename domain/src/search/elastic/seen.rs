//! A sight as a filter of Elasticsearch: it matches exactly what the caller may find.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::search::{load::term, rights::Sight};

/// Values of one clause; the server takes 65,536.
const MOST: usize = 50_000;

pub fn filter(sight: &Sight) -> Value {
    let lag = &sight.lag;
    let by_rules = match &sight.readable {
        None => json!({ "match_all": {} }),
        Some(readable) => any("acl", readable.iter()),
    };
    if lag.is_empty() {
        return by_rules;
    }
    let now = lag.now.iter().filter(|(_, acl_id)| acl_id.is_some_and(|acl_id| sight.may_read(acl_id)));
    let by_database = any("id", now.map(|(id, _)| id));
    if lag.is_all {
        return by_database;
    }
    let elsewhere = json!({
        "bool": {
            "filter": [by_rules],
            "must_not": [any("id", lag.now.keys()), below(&lag.gone)],
        }
    });
    json!({ "bool": { "should": [elsewhere, by_database], "minimum_should_match": 1 } })
}

fn below(gone: &HashSet<Uuid>) -> Value {
    any("ancestors", gone.iter())
}

fn any<'a>(field: &str, ids: impl Iterator<Item = &'a Uuid>) -> Value {
    let ids: Vec<String> = ids.map(|id| term(*id)).collect();
    let mut clauses: Vec<Value> = ids.chunks(MOST).map(|some| json!({ "terms": { field: some } })).collect();
    match clauses.len() {
        0 => json!({ "match_none": {} }),
        1 => clauses.remove(0),
        _ => json!({ "bool": { "should": clauses, "minimum_should_match": 1 } }),
    }
}
