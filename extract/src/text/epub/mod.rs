//! Electronic books: the package file tells of the book and in which order its pages are read; then its table of contents.
//! Comes in: a zip of XHTML pages, whatever their extensions are.

mod package;

use std::collections::HashSet;

use self::package::{Item, Package};
use super::{
    Reading, Stop,
    archive::Archive,
    charset,
    html::{self, Dialect, Page},
    xml::{self, Step},
};
use crate::{Fault, Source};

/// Ways to hide a font that are no protection of the text.
const FONT_HIDING: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

pub fn read(source: &Source, into: &mut Reading) -> Result<(), Stop> {
    let mut archive = Archive::open(&source.bytes)?;
    let names = archive.names();
    let place = match archive.part("META-INF/container.xml")? {
        Some(container) => package::place(&container),
        None => None,
    };
    let place = place.or_else(|| names.iter().find(|name| name.ends_with(".opf")).cloned());
    let package = match &place {
        Some(place) => archive.part(place)?.map(|part| package::parse(&part, place)).unwrap_or_default(),
        None => Package::default(),
    };
    if into.depth == 0 {
        package.tell(&mut into.metadata);
    }
    let pages = match package.spine.is_empty() {
        true => unordered(&names),
        false => package.spine.clone(),
    };
    let locked = match archive.part("META-INF/encryption.xml")? {
        Some(part) => locked(&part),
        None => HashSet::new(),
    };
    if pages.iter().any(|page| locked.contains(&page.path)) {
        return Err(Fault::encrypted().into());
    }
    if pages.is_empty() {
        return Err(Fault::malformed("it has no pages").into());
    }
    let mut seen = HashSet::new();
    for page in &pages {
        if seen.insert(page.path.as_str()) {
            pour_item(&mut archive, page, into)?;
        }
    }
    for contents in &package.contents {
        if seen.insert(contents.path.as_str()) {
            pour_item(&mut archive, contents, into)?;
        }
    }
    Ok(())
}

/// Pages of a book whose package cannot be read.
fn unordered(names: &[String]) -> Vec<Item> {
    let is_page = |name: &&String| {
        let name = name.to_ascii_lowercase();
        [".xhtml", ".html", ".htm"].iter().any(|end| name.ends_with(end))
    };
    names.iter().filter(is_page).map(|name| Item { path: name.clone(), mime_type: String::new() }).collect()
}

fn pour_item(archive: &mut Archive<'_>, item: &Item, into: &mut Reading) -> Result<(), Stop> {
    if item.mime_type.starts_with("image/") && item.mime_type != "image/svg+xml" {
        return Ok(());
    }
    let Some(part) = archive.part(&item.path)? else { return Ok(()) };
    let Some(decoded) = charset::decode(&part, html::declared(&part)) else { return Ok(()) };
    into.sink.line()?;
    if matches!(item.mime_type.as_str(), "application/x-dtbncx+xml" | "image/svg+xml") {
        return pour_labels(&decoded.text, into);
    }
    let dialect = if item.mime_type == "text/html" { Dialect::Html } else { Dialect::Xml };
    // The title in a page's head names the book over and over; what a reader sees is in the body.
    let mut page = Page { hides_title: true, ..Page::default() };
    html::walk(&decoded.text, dialect, &mut page, &mut into.sink)?;
    Ok(into.sink.line()?)
}

/// Text elements of a drawing or of an old table of contents, a line each.
fn pour_labels(text: &str, into: &mut Reading) -> Result<(), Stop> {
    let mut is_text = 0_usize;
    let ended = xml::walk_text(text, |step| {
        match step {
            Step::Open(element) => is_text += usize::from(element.name() == "text"),
            Step::Close("text") => {
                is_text = is_text.saturating_sub(1);
                into.sink.line()?;
            }
            Step::Text(text) if is_text > 0 => into.sink.push(text)?,
            Step::Close(_) | Step::Text(_) => {}
        }
        Ok(())
    });
    match ended {
        Err(Stop::Full) => Err(Stop::Full),
        Ok(()) | Err(Stop::Fault(_)) => Ok(()),
    }
}

/// Parts that only a reader with the right key can open.
fn locked(part: &[u8]) -> HashSet<String> {
    let mut locked = HashSet::new();
    let mut is_hiding = false;
    // What cannot be read locks nothing more.
    let _ = xml::walk(part, |step| {
        if let Step::Open(element) = step {
            match element.name() {
                "EncryptedData" => is_hiding = false,
                "EncryptionMethod" => {
                    is_hiding = element.attribute("Algorithm").is_some_and(|name| FONT_HIDING.contains(&name.as_ref()));
                }
                "CipherReference" if !is_hiding => {
                    locked.extend(element.attribute("URI").map(|uri| package::resolve("", &uri)));
                }
                _ => {}
            }
        }
        Ok(())
    });
    locked
}

#[cfg(test)]
mod tests;
