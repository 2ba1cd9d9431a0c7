//! What a document says of itself: the property parts of a package, the summary of a compound file. The library's own
//! account is not taken: where a document has no title, it makes one up.

use std::io::{Cursor, Read};

use office_oxide::{Document, cfb::oleps::SummaryProperties};

use crate::{
    Metadata,
    detect::Format,
    text::{
        archive::Archive,
        stated,
        xml::{self, Step},
    },
};

pub fn read(bytes: &[u8], format: Format, document: &Document, about: &mut Metadata) {
    let summary = match format {
        Format::Doc => document.as_doc().and_then(|doc| doc.summary_properties()),
        Format::Xls => document.as_xls().and_then(|xls| xls.summary_properties()),
        Format::Ppt => document.as_ppt().and_then(|ppt| ppt.summary_properties()),
        _ => None,
    };
    if let Some(summary) = summary {
        of_summary(summary, about);
    }
    match format {
        Format::Docx | Format::Xlsx | Format::Pptx => of_package(bytes, about),
        Format::Doc => about.pages = pages_of_summary(bytes).filter(|pages| *pages > 0),
        _ => {}
    }
}

/// A date, unless it is the beginning of the count of an empty one.
fn date(stated: &str) -> Option<String> {
    stated::date(stated).filter(|date| !date.starts_with("1601-"))
}

fn of_summary(summary: &SummaryProperties, about: &mut Metadata) {
    let text = |value: &Option<String>| value.as_deref().and_then(stated::text);
    about.title = text(&summary.title);
    about.author = text(&summary.author);
    about.subject = text(&summary.subject);
    about.keywords = summary.keywords.as_deref().map(stated::keywords).unwrap_or_default();
    about.created_at = summary.created.as_deref().and_then(date);
    about.modified_at = summary.modified.as_deref().and_then(date);
}

fn of_package(bytes: &[u8], about: &mut Metadata) {
    let Ok(mut archive) = Archive::open(bytes) else { return };
    let names = archive.names();
    let named = |starts: &str, ends: &str| {
        names.iter().find(|name| {
            let name = name.to_lowercase();
            name.starts_with(starts) && name.ends_with(ends)
        })
    };
    let core = named("docprops/core", ".xml").or_else(|| named("", ".psmdcp"));
    for name in [core, named("docprops/app", ".xml")].into_iter().flatten() {
        if let Ok(Some(part)) = archive.part(name) {
            properties(&part, about);
        }
    }
}

fn properties(part: &[u8], about: &mut Metadata) {
    let mut held = String::new();
    // A part that breaks off has said what it said.
    let _ = xml::walk(part, |step| {
        match step {
            Step::Open(_) => held.clear(),
            Step::Text(text) => held.push_str(text),
            Step::Close(name) => {
                let text = stated::text(&held);
                match name {
                    "title" => about.title = text.or(about.title.take()),
                    "creator" => about.author = text.or(about.author.take()),
                    "subject" => about.subject = text.or(about.subject.take()),
                    "keywords" => about.keywords = stated::keywords(&held),
                    "created" => about.created_at = date(&held),
                    "modified" => about.modified_at = date(&held),
                    "Pages" | "Slides" => about.pages = held.trim().parse().ok().filter(|n| *n > 0).or(about.pages),
                    _ => {}
                }
                held.clear();
            }
        }
        Ok(())
    });
}

/// The number of pages in a summary: property 14 of its first set, a whole number.
fn pages_of_summary(bytes: &[u8]) -> Option<u32> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut set = Vec::new();
    file.open_stream("/\u{5}SummaryInformation").ok()?.take(1 << 20).read_to_end(&mut set).ok()?;
    let long = |at: usize| Some(u32::from_le_bytes(*set.get(at..)?.first_chunk::<4>()?));
    let start = long(44)? as usize;
    let count = long(start + 4)?.min(1000) as usize;
    let at = (0..count).find_map(|i| {
        let entry = start + 8 + i * 8;
        (long(entry)? == 14).then(|| long(entry + 4)).flatten()
    })?;
    let value = start + at as usize;
    (long(value)? == 3).then(|| long(value + 4)).flatten()
}
