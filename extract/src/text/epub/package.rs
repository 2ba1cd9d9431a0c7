//! The package file of a book: what it says of the book, its pages in reading order, its tables of contents.

use std::collections::HashMap;

use crate::{
    Metadata,
    text::{
        stated,
        xml::{self, Step},
    },
};

/// Pages of one book.
const MAX_ITEMS: usize = 20_000;

/// A part of the book, by its path in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub path: String,
    pub mime_type: String,
}

#[derive(Debug, Default)]
pub struct Package {
    pub spine: Vec<Item>,
    /// Tables of contents, new and old.
    pub contents: Vec<Item>,
    titles: Vec<String>,
    authors: Vec<String>,
    subjects: Vec<String>,
    language: String,
    date: String,
    modified: String,
}

impl Package {
    pub fn tell(&self, metadata: &mut Metadata) {
        metadata.title = self.titles.iter().find_map(|title| stated::text(title));
        metadata.author =
            stated::text(&self.authors.iter().filter_map(|author| stated::text(author)).collect::<Vec<_>>().join(", "));
        metadata.keywords = stated::keywords(&self.subjects.join(";"));
        metadata.language = stated::language(&self.language);
        metadata.created_at = stated::date(&self.date);
        metadata.modified_at = stated::date(&self.modified);
    }
}

/// Where `container.xml` says that the package file is.
pub fn place(container: &[u8]) -> Option<String> {
    let mut place = None;
    // The first answer counts, whatever follows.
    let _ = xml::walk(container, |step| {
        if let Step::Open(element) = step
            && element.name() == "rootfile"
            && place.is_none()
        {
            place = element.attribute("full-path").map(|path| resolve("", &path));
        }
        Ok(())
    });
    place
}

/// Reads a package file that lies at `place`.
pub fn parse(part: &[u8], place: &str) -> Package {
    let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut package = Package::default();
    let mut items = HashMap::new();
    let mut order = Vec::new();
    let mut value = String::new();
    let mut property = String::new();
    // A package that breaks off still orders the pages it has named.
    let _ = xml::walk(part, |step| {
        match step {
            Step::Open(element) => {
                value.clear();
                property = element.attribute("property").unwrap_or_default().into_owned();
                match element.name() {
                    "item" if items.len() < MAX_ITEMS => {
                        let (Some(id), Some(href)) = (element.attribute("id"), element.attribute("href")) else {
                            return Ok(());
                        };
                        let mime_type = element.attribute("media-type").unwrap_or_default().to_ascii_lowercase();
                        let item = Item { path: resolve(folder, &href), mime_type };
                        let is_nav = element
                            .attribute("properties")
                            .is_some_and(|all| all.split_whitespace().any(|one| one == "nav"));
                        if is_nav || item.mime_type == "application/x-dtbncx+xml" {
                            package.contents.push(item.clone());
                        }
                        items.insert(id.into_owned(), item);
                    }
                    "itemref" if order.len() < MAX_ITEMS => {
                        order.extend(element.attribute("idref").map(|id| id.into_owned()))
                    }
                    _ => {}
                }
            }
            Step::Text(text) if value.len() < 10_000 => value.push_str(text),
            Step::Text(_) => {}
            Step::Close(name) => {
                let stated = std::mem::take(&mut value);
                match name {
                    "title" => package.titles.push(stated),
                    "creator" => package.authors.push(stated),
                    "subject" => package.subjects.push(stated),
                    "language" if package.language.is_empty() => package.language = stated,
                    "date" if package.date.is_empty() => package.date = stated,
                    "meta" if property == "dcterms:modified" => package.modified = stated,
                    _ => {}
                }
            }
        }
        Ok(())
    });
    package.spine = order.iter().filter_map(|id| items.get(id).cloned()).collect();
    // Where there is a new table of contents, the old one repeats it.
    if package.contents.iter().any(|item| item.mime_type != "application/x-dtbncx+xml") {
        package.contents.retain(|item| item.mime_type != "application/x-dtbncx+xml");
    }
    package
}

/// A reference as a path in the archive: escapes undone, `..` followed, a fragment dropped.
pub fn resolve(folder: &str, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    let decoded = unescaped(reference);
    let mut path: Vec<&str> = match decoded.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|step| !step.is_empty()).collect(),
    };
    for step in decoded.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

/// `%20` as a blank, and so on.
fn unescaped(reference: &str) -> String {
    let bytes = reference.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
