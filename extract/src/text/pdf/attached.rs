//! Files inside a PDF: their names, and one level deep what they hold.

use std::{collections::HashSet, sync::Arc};

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Array, Dict, ObjectIdentifier, Stream, String as Text},
};

use super::{about, objects};
use crate::{
    Source,
    text::{Reading, Stop, attached},
};

const MAX_FILES: usize = 100;
const MAX_NODES: usize = 2000;
const MAX_BYTES: usize = 64 << 20;

pub fn read(pdf: &Pdf, into: &mut Reading) -> Result<(), Stop> {
    let mut files = named(pdf);
    for page in pdf.pages().iter().take(super::MAX_PAGES) {
        let Some(marks) = page.raw().get::<Array<'_>>("Annots") else { continue };
        files.extend(objects::dicts(&marks, pdf.xref()).take(MAX_NODES).filter_map(|mark| mark.get::<Dict<'_>>("FS")));
        if files.len() > MAX_FILES {
            break;
        }
    }
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut bytes_left = MAX_BYTES;
    for file in files.into_iter().take(MAX_FILES) {
        let text = |key: &str| file.get::<Text<'_>>(key).map(|name| objects::text(name.as_bytes()));
        let name = text("UF").or_else(|| text("F"));
        let Some(stream) =
            file.get::<Dict<'_>>("EF").and_then(|ef| ef.get::<Stream<'_>>("F").or_else(|| ef.get::<Stream<'_>>("UF")))
        else {
            continue;
        };
        if !seen.insert(stream.obj_id()) {
            continue;
        }
        for words in [name.clone(), text("Desc")].into_iter().flatten() {
            into.sink.line()?;
            into.sink.push(&words)?;
        }
        into.sink.line()?;
        if into.depth > 0 || bytes_left == 0 {
            continue;
        }
        let Ok(bytes) = stream.decoded() else { continue };
        let Some(left) = bytes_left.checked_sub(bytes.len()) else { continue };
        bytes_left = left;
        attached::pour_file(&Source { bytes: Arc::new(bytes.into_owned()), name, mime_type: None }, into)?;
    }
    Ok(())
}

/// The files in the tree of names, which may be tied in a ring.
fn named(pdf: &Pdf) -> Vec<Dict<'_>> {
    let root = about::catalog(pdf).and_then(|c| c.get::<Dict<'_>>("Names")?.get::<Dict<'_>>("EmbeddedFiles"));
    let mut open: Vec<Dict<'_>> = root.into_iter().collect();
    let mut found = Vec::new();
    let mut nodes = 0;
    while let Some(node) = open.pop() {
        nodes += 1;
        if nodes > MAX_NODES || found.len() > MAX_FILES {
            break;
        }
        if let Some(pairs) = node.get::<Array<'_>>("Names") {
            found.extend(objects::dicts(&pairs, pdf.xref()).take(MAX_FILES));
        }
        if let Some(kids) = node.get::<Array<'_>>("Kids") {
            let mut kids: Vec<Dict<'_>> = objects::dicts(&kids, pdf.xref()).take(MAX_NODES).collect();
            kids.reverse();
            open.extend(kids);
        }
    }
    found
}
