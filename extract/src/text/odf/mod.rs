//! OpenDocument files and templates: text, sheets, slides. Comes in: a zip of XML parts, or one flat XML file.
//! The content first, then headers and footers, then objects that lie inside.

mod content;
mod meta;

use super::{Reading, Stop, archive::Archive, xml};
use crate::{Fault, Source, detect::Format};

/// Objects inside a document that are read.
const MAX_OBJECTS: usize = 200;

pub fn read(source: &Source, format: Format, into: &mut Reading) -> Result<(), Stop> {
    if !source.bytes.starts_with(b"PK") {
        meta::read(&source.bytes, into);
        return content::pour(&source.bytes, format, into);
    }
    let mut archive = Archive::open(&source.bytes)?;
    if archive.part("META-INF/manifest.xml")?.is_some_and(|manifest| is_sealed(&manifest)) {
        return Err(Fault::encrypted().into());
    }
    if let Some(part) = archive.part("meta.xml")? {
        meta::read(&part, into);
    }
    let Some(part) = archive.part("content.xml")? else {
        return Err(Fault::malformed("it has no content").into());
    };
    let ended = content::pour(&part, format, into);
    if !matches!(ended, Ok(()) | Err(Stop::Fault(_))) {
        return ended;
    }
    if let Some(part) = archive.part("styles.xml")? {
        content::pour_margins(&part, format, into)?;
    }
    let objects = archive.names().into_iter().filter(|name| name.ends_with("/content.xml")).take(MAX_OBJECTS);
    for name in objects.collect::<Vec<_>>() {
        if let Some(part) = archive.part(&name)? {
            // An object that cannot be read takes nothing from the document around it.
            match content::pour(&part, Format::Odt, into) {
                Err(Stop::Full) => return Err(Stop::Full),
                Ok(()) | Err(Stop::Fault(_)) => {}
            }
        }
    }
    ended
}

/// Whether the manifest says that the content is encrypted.
fn is_sealed(manifest: &[u8]) -> bool {
    let mut entry = String::new();
    let mut is_sealed = false;
    // A manifest that breaks off says nothing more.
    let _ = xml::walk(manifest, |step| {
        if let xml::Step::Open(element) = step {
            match element.name() {
                "file-entry" => entry = element.attribute("full-path").unwrap_or_default().into_owned(),
                "encryption-data" => is_sealed |= matches!(entry.as_str(), "content.xml" | "encrypted-package"),
                _ => {}
            }
        }
        Ok(())
    });
    is_sealed
}

#[cfg(test)]
mod tests;
