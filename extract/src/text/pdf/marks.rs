//! What is fixed to a page without being drawn there: notes, and what forms hold where they do not show it.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::{
    object::{Array, Dict, Name, Object, String as Text},
    page::Page,
};

use super::objects;
use crate::text::{Full, Reading};

const MAX_MARKS: usize = 5000;

/// Reads the marks of a page that is in the sink from `before` on; what the page shows is not repeated.
pub fn read(page: &Page<'_>, before: usize, seen: &mut HashSet<String>, into: &mut Reading) -> Result<(), Full> {
    let Some(all) = page.raw().get::<Array<'_>>("Annots") else { return Ok(()) };
    for mark in objects::dicts(&all, page.xref()).take(MAX_MARKS) {
        let text = |dict: &Dict<'_>, key: &str| dict.get::<Text<'_>>(key).map(|t| objects::text(t.as_bytes()));
        let kind = mark.get::<Name<'_>>("Subtype");
        let mut found: Vec<String> = Vec::new();
        if kind.is_some_and(|kind| kind.as_str() == "Widget") {
            let parent = mark.get::<Dict<'_>>("Parent");
            found.extend(value(&mark).or_else(|| value(parent.as_ref()?)));
            found.extend(text(&mark, "TU").or_else(|| text(parent.as_ref()?, "TU")));
        } else {
            found.extend(text(&mark, "Subj"));
            found.extend(text(&mark, "Contents"));
        }
        for text in found {
            let text = text.trim();
            if text.is_empty() || into.sink.since(before).contains(text) || !seen.insert(text.to_owned()) {
                continue;
            }
            into.sink.line()?;
            into.sink.push(text)?;
        }
    }
    into.sink.line()
}

/// What a field holds, if that is words: what was typed or chosen.
fn value(field: &Dict<'_>) -> Option<String> {
    match field.get::<Object<'_>>("V")? {
        Object::String(text) => Some(objects::text(text.as_bytes())),
        Object::Array(all) => {
            let words: Vec<String> = all.iter::<Text<'_>>().take(200).map(|t| objects::text(t.as_bytes())).collect();
            Some(words.join("\n"))
        }
        _ => None,
    }
}
