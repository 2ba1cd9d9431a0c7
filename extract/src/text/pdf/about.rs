//! What a PDF says of itself: its information dictionary, its XMP packet where that says more, and its table of contents.

use std::collections::HashSet;

use super::objects;
use crate::{
    Metadata,
    text::{
        Full, Reading, stated,
        xml::{self, Step},
    },
};
use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Dict, ObjectIdentifier, Stream, String as Text},
};

const MAX_ENTRIES: usize = 10_000;
/// Longer packets than this are padding.
const MAX_PACKET: usize = 1 << 20;

pub fn read(pdf: &Pdf, into: &mut Reading) {
    if into.depth > 0 {
        return;
    }
    let info = pdf.metadata();
    let raw = |value: &Option<Box<[u8]>>| value.as_deref().map(objects::text);
    let text = |value: &Option<Box<[u8]>>| stated::text(&raw(value)?);
    let about = &mut into.metadata;
    about.pages = u32::try_from(pdf.pages().len()).ok();
    about.title = text(&info.title);
    about.author = text(&info.author);
    about.subject = text(&info.subject);
    about.keywords = raw(&info.keywords).map(|list| stated::keywords(&list)).unwrap_or_default();
    about.created_at = info.creation_date.as_ref().map(objects::date);
    about.modified_at = info.modification_date.as_ref().map(objects::date);
    if let Some(packet) = catalog(pdf).and_then(|c| c.get::<Stream<'_>>("Metadata")?.decoded().ok()) {
        packed(&packet[..packet.len().min(MAX_PACKET)], about);
    }
}

pub fn catalog(pdf: &Pdf) -> Option<Dict<'_>> {
    pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())
}

/// Fills what is still missing from an XMP packet. Only the first value of each is taken, but all keywords.
fn packed(packet: &[u8], about: &mut Metadata) {
    let has_keywords = !about.keywords.is_empty();
    let mut path: Vec<String> = Vec::new();
    let mut held = String::new();
    // A packet that breaks off has said what it said.
    let _ = xml::walk(packet, |step| {
        match step {
            Step::Open(element) => {
                held.clear();
                for (name, value) in element.attributes() {
                    fill(about, name, &value, has_keywords);
                }
                path.push(element.name().to_owned());
            }
            Step::Close(_) => {
                let owner = path.iter().rev().find(|name| !matches!(name.as_str(), "li" | "Alt" | "Bag" | "Seq"));
                if let Some(owner) = owner {
                    fill(about, owner, &held, has_keywords);
                }
                held.clear();
                path.pop();
            }
            Step::Text(text) => held.push_str(text),
        }
        Ok(())
    });
}

fn fill(about: &mut Metadata, name: &str, value: &str, has_keywords: bool) {
    let target = match name {
        "title" => &mut about.title,
        "creator" => &mut about.author,
        "description" => &mut about.subject,
        "CreateDate" | "ModifyDate" => {
            let target = if name == "CreateDate" { &mut about.created_at } else { &mut about.modified_at };
            *target = target.take().or_else(|| stated::date(value));
            return;
        }
        "subject" if !has_keywords && about.keywords.len() < 100 => {
            about.keywords.extend(stated::text(value));
            return;
        }
        _ => return,
    };
    *target = target.take().or_else(|| stated::text(value));
}

/// Reads the titles of the table of contents. They may be tied in a ring.
pub fn outline(pdf: &Pdf, into: &mut Reading) -> Result<(), Full> {
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let first = catalog(pdf).and_then(|c| c.get::<Dict<'_>>("Outlines")).and_then(|o| o.get::<Dict<'_>>("First"));
    let mut open: Vec<Dict<'_>> = first.into_iter().collect();
    let mut count = 0;
    while let Some(entry) = open.pop() {
        count += 1;
        if count > MAX_ENTRIES || entry.obj_id().is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        if let Some(title) = entry.get::<Text<'_>>("Title") {
            into.sink.line()?;
            into.sink.push(&objects::text(title.as_bytes()))?;
        }
        open.extend(entry.get::<Dict<'_>>("Next"));
        open.extend(entry.get::<Dict<'_>>("First"));
    }
    into.sink.line()
}
