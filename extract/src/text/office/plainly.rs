//! Packages the library refuses, for a part that is missing or said twice or broken: the words of their main parts, in
//! the order of the parts, are read all the same.

use crate::{
    Fault, Source,
    text::{
        Reading, Stop,
        archive::Archive,
        xml::{self, Step},
    },
};

/// Folders and beginnings of the names of parts that hold words.
const PARTS: [&str; 11] = [
    "word/header",
    "word/document",
    "word/footnotes",
    "word/endnotes",
    "word/comments",
    "word/footer",
    "xl/sharedstrings",
    "xl/worksheets/sheet",
    "xl/comments",
    "ppt/slides/slide",
    "ppt/notesslides/notesslide",
];

/// Reads what there is; where there are no words at all, the library's `fault` stands.
///
/// # Errors
/// `fault`, and `Full` when the sink is.
pub fn read(source: &Source, fault: Fault, into: &mut Reading) -> Result<(), Stop> {
    let Ok(mut archive) = Archive::open(&source.bytes) else { return Err(fault.into()) };
    let mut names: Vec<(usize, u32, String)> = archive
        .names()
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let place = PARTS.iter().position(|part| lower.starts_with(part) && lower.ends_with(".xml"))?;
            let digits: String = lower.chars().filter(char::is_ascii_digit).take(9).collect();
            Some((place, digits.parse().unwrap_or(0), name))
        })
        .collect();
    names.sort();
    let before = into.sink.len();
    for (_, _, name) in names {
        let Ok(Some(part)) = archive.part(&name) else { continue };
        if let Err(Stop::Full) = words(&part, into) {
            return Err(Stop::Full);
        }
        into.sink.line()?;
    }
    if into.sink.len() > before { Ok(()) } else { Err(fault.into()) }
}

/// The text elements of a part: paragraphs and cells end a line or a word.
fn words(part: &[u8], into: &mut Reading) -> Result<(), Stop> {
    let mut inside = false;
    let mut is_reference = false;
    xml::walk(part, |step| {
        match step {
            Step::Open(element) => match element.name() {
                "c" => is_reference = element.attribute("t").is_some_and(|kind| kind == "s"),
                "t" => inside = true,
                "v" => inside = !is_reference,
                "tab" | "br" => into.sink.space()?,
                _ => {}
            },
            Step::Close(name) => match name {
                "t" => inside = false,
                "v" => {
                    inside = false;
                    into.sink.space()?;
                }
                "p" | "si" | "row" => into.sink.line()?,
                "tc" | "c" => into.sink.space()?,
                _ => {}
            },
            Step::Text(text) if inside => into.sink.push(text)?,
            Step::Text(_) => {}
        }
        Ok(())
    })
}
