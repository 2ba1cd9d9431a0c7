//! What an OpenDocument file says of itself in its `meta.xml`.

use crate::text::{Reading, stated, xml};

/// Takes title, author, subject, keywords, dates, language and the count of pages or sheets.
pub fn read(part: &[u8], into: &mut Reading) {
    if into.depth > 0 {
        return;
    }
    let metadata = &mut into.metadata;
    let mut element = String::new();
    let mut value = String::new();
    let mut last_author = None;
    let mut is_meta = false;
    // Metadata that breaks off keeps what was said before.
    let _ = xml::walk(part, |step| {
        match step {
            xml::Step::Open(opened) => {
                is_meta |= opened.name() == "meta";
                element = opened.name().to_owned();
                value.clear();
                if is_meta && element == "document-statistic" {
                    let count = |name| opened.number(name).and_then(|count| u32::try_from(count).ok());
                    metadata.pages = count("page-count").or_else(|| count("table-count")).filter(|count| *count > 0);
                }
            }
            xml::Step::Text(text) if is_meta && value.len() < 10_000 => value.push_str(text),
            xml::Step::Text(_) => {}
            xml::Step::Close("meta") => is_meta = false,
            xml::Step::Close(name) if is_meta && name == element => {
                match name {
                    "title" => metadata.title = stated::text(&value),
                    "subject" => metadata.subject = stated::text(&value),
                    "initial-creator" => metadata.author = stated::text(&value),
                    "creator" => last_author = stated::text(&value),
                    "keyword" => metadata.keywords.extend(stated::keywords(&value)),
                    "creation-date" => metadata.created_at = stated::date(&value),
                    "date" => metadata.modified_at = stated::date(&value),
                    "language" => metadata.language = stated::language(&value),
                    _ => {}
                }
                element.clear();
            }
            xml::Step::Close(_) => {}
        }
        Ok(())
    });
    if metadata.author.is_none() {
        metadata.author = last_author;
    }
}
