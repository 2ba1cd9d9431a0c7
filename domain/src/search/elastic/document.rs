//! An entry as a document of Elasticsearch, and what is left of one that is gone.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::line;
use crate::search::load::{Entry, cut, term};

/// What the index is given of an entry.
pub fn of(entry: &Entry) -> Value {
    let mut it = Map::new();
    let mut put = |name: &str, value: Value| {
        it.insert(name.to_owned(), value);
    };
    let ids = |ids: &[Uuid]| Value::from(ids.iter().map(|id| term(*id)).collect::<Vec<_>>());
    put("deleted", false.into());
    put("id", term(entry.id).into());
    put("acl", term(entry.acl_id).into());
    put("ancestors", ids(&entry.ancestors));
    put("kind", entry.kind.as_str().into());
    put("type", entry.class.into());
    put("name", line::name(&entry.name).into());
    put("name_ways", line::ways(&entry.name).into());
    put("name_key", entry.name_key.as_str().into());
    put("owner", ids(&entry.owners));
    put("flags", entry.flags.clone().into());
    put("created", entry.created.timestamp_micros().into());
    put("modified", entry.modified.timestamp_micros().into());
    put("size_key", entry.size.map_or(0, |size| whole(size.saturating_add(1))).into());
    if let Some(taken) = entry.taken {
        put("taken", taken.timestamp_micros().into());
    }
    let texts = [
        ("extension", &entry.extension),
        ("mime", &entry.mime),
        ("provider", &entry.provider),
        ("provider_id", &entry.provider_id.map(term)),
        ("language", &entry.language),
    ];
    for (field, text) in texts {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            put(field, text.into());
        }
    }
    let numbers =
        [("size", entry.size), ("width", entry.width), ("height", entry.height), ("duration", entry.duration)];
    for (field, number) in numbers {
        if let Some(number) = number {
            put(field, whole(number).into());
        }
    }
    if let Some(title) = &entry.title {
        put("title", line::text(title).into());
    }
    put("author", entry.authors.iter().map(|author| line::text(author)).collect::<Vec<_>>().into());
    let text = cut(&entry.text);
    if !text.is_empty() {
        put("content", line::text(text).into());
        if let Some(stems) = entry.language.as_deref().and_then(|language| line::stems(text, language)) {
            put("stems", stems.into());
        }
    }
    Value::Object(it)
}

/// What stays of a document that is not live any more: so much that an older state cannot come back.
pub fn tombstone(id: Uuid, now: DateTime<Utc>) -> Value {
    json!({ "deleted": true, "deleted_at": now.timestamp_micros(), "id": term(id) })
}

/// What is written of a document that is refused: nothing to be found by, least of all what it was before.
pub fn refused(id: &str) -> Value {
    json!({ "deleted": true, "refused": true, "id": id })
}

/// Numbers of the index have a sign.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
