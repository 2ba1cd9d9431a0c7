//! An entry as a document of the embedded engine.

use tantivy::TantivyDocument;

use super::schema::Fields;
use crate::search::load::{Entry, cut, term};

/// What the index is given of an entry.
pub fn of(entry: Entry, fields: &Fields) -> TantivyDocument {
    let mut it = TantivyDocument::new();
    let (high, low) = entry.id.as_u64_pair();
    it.add_text(fields.id, term(entry.id));
    it.add_u64(fields.id_high, high);
    it.add_u64(fields.id_low, low);
    it.add_text(fields.acl, term(entry.acl_id));
    entry.ancestors.iter().for_each(|id| it.add_text(fields.ancestors, term(*id)));
    it.add_text(fields.kind, &entry.kind);
    it.add_text(fields.class, entry.class);
    it.add_text(fields.name, &entry.name);
    it.add_text(fields.name_key, &entry.name_key);
    it.add_i64(fields.created, entry.created.timestamp_micros());
    it.add_i64(fields.modified, entry.modified.timestamp_micros());
    if let Some(taken) = entry.taken {
        it.add_i64(fields.taken, taken.timestamp_micros());
    }
    let texts = [
        (fields.extension, entry.extension),
        (fields.mime, entry.mime),
        (fields.provider, entry.provider),
        (fields.provider_id, entry.provider_id.map(term)),
        (fields.language, entry.language.clone()),
        (fields.title, entry.title),
    ];
    for (field, text) in texts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            it.add_text(field, text);
        }
    }
    let numbers = [
        (fields.size, entry.size),
        (fields.width, entry.width),
        (fields.height, entry.height),
        (fields.duration, entry.duration),
    ];
    for (field, number) in numbers {
        if let Some(number) = number {
            it.add_u64(field, number);
        }
    }
    entry.owners.iter().for_each(|id| it.add_text(fields.owner, term(*id)));
    entry.authors.iter().for_each(|author| it.add_text(fields.author, author));
    entry.flags.iter().for_each(|flag| it.add_text(fields.flags, flag));
    let text = cut(&entry.text);
    if !text.is_empty() {
        it.add_text(fields.content, text);
        if let Some(stems) = entry.language.and_then(|language| fields.stem(&language)) {
            it.add_text(stems, text);
        }
    }
    it
}
