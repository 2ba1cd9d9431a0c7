//! The parts of a package that hold words, and those words paragraph by paragraph, whatever stands around them. For what
//! the library refuses, and for what it leaves out: diagrams, charts, ruby, and markup it does not know.

use super::missed::Missed;
use crate::{
    Fault, Source,
    text::{
        Full, Reading, Stop,
        archive::Archive,
        xml::{self, Step},
    },
};

/// Folders and beginnings of the names of parts, in the order of reading.
const TEXT: [&str; 15] = [
    "word/header",
    "word/document",
    "word/footnotes",
    "word/endnotes",
    "word/comments",
    "word/footer",
    "word/diagrams/data",
    "word/charts/chart",
    "ppt/slides/slide",
    "ppt/notesslides/notesslide",
    "ppt/diagrams/data",
    "ppt/charts/chart",
    "ppt/comments/",
    "xl/comments",
    "xl/threadedcomments/",
];
/// The library is thorough with cells, so these are asked of workbooks only where it is not asked itself.
const CELLS: [&str; 2] = ["xl/sharedstrings", "xl/worksheets/sheet"];
const DRAWN: [&str; 3] = ["xl/drawings/drawing", "xl/diagrams/data", "xl/charts/chart"];

/// No paragraph is longer; what goes on belongs to the next.
const MAX_PARAGRAPH: usize = 1 << 20;

/// Reads a package that the library refuses; where there are no words at all, its `fault` stands.
///
/// # Errors
/// `fault`, and `Full` when the sink is.
pub fn read_all(source: &Source, fault: Fault, into: &mut Reading) -> Result<(), Stop> {
    let Ok(mut archive) = Archive::open(&source.bytes) else { return Err(fault.into()) };
    let before = into.sink.len();
    let prefixes = [&TEXT[..], &CELLS, &DRAWN].concat();
    each_paragraph(&mut archive, &prefixes, |text| {
        into.sink.line()?;
        into.sink.push(text)
    })?;
    into.sink.line()?;
    if into.sink.len() > before { Ok(()) } else { Err(fault.into()) }
}

/// Adds the paragraphs with words that did not come since `before`.
///
/// # Errors
/// `Full` when the sink is.
pub fn read_missed(source: &Source, before: usize, into: &mut Reading) -> Result<(), Full> {
    let Ok(mut archive) = Archive::open(&source.bytes) else { return Ok(()) };
    let mut missed = Missed::since(before, &into.sink);
    let prefixes = [&TEXT[..], &DRAWN].concat();
    each_paragraph(&mut archive, &prefixes, |text| missed.add(text, &mut into.sink))?;
    into.sink.line()
}

fn each_paragraph(
    archive: &mut Archive<'_>,
    prefixes: &[&str],
    mut take: impl FnMut(&str) -> Result<(), Full>,
) -> Result<(), Full> {
    let mut names: Vec<(usize, u32, String)> = archive
        .names()
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let place = prefixes.iter().position(|part| lower.starts_with(part) && lower.ends_with(".xml"))?;
            let digits: String = lower.chars().filter(char::is_ascii_digit).take(9).collect();
            Some((place, digits.parse().unwrap_or(0), name))
        })
        .collect();
    names.sort();
    for (_, _, name) in names {
        let Ok(Some(part)) = archive.part(&name) else { continue };
        paragraphs(&part, &mut take)?;
    }
    Ok(())
}

/// The text elements of a part: paragraphs, rows and strings end a paragraph, cells and tabs a word.
fn paragraphs(part: &[u8], take: &mut impl FnMut(&str) -> Result<(), Full>) -> Result<(), Full> {
    let mut held = String::new();
    let (mut inside, mut is_reference) = (false, false);
    let mut ended = |held: &mut String| {
        let done = if held.trim().is_empty() { Ok(()) } else { take(held.trim()) };
        held.clear();
        done
    };
    let walked = xml::walk(part, |step| {
        match step {
            Step::Open(element) => match element.name() {
                "c" => is_reference = element.attribute("t").is_some_and(|kind| kind == "s"),
                "t" | "text" => inside = true,
                "v" => inside = !is_reference,
                "tab" | "br" => held.push(' '),
                _ => {}
            },
            Step::Close(name) => match name {
                "t" | "text" => inside = false,
                "v" => {
                    inside = false;
                    held.push(' ');
                }
                "p" | "si" | "row" | "pt" | "threadedComment" | "cm" => ended(&mut held)?,
                "tc" | "c" => held.push(' '),
                _ => {}
            },
            Step::Text(text) if inside => held.push_str(text),
            Step::Text(_) => {}
        }
        if held.len() > MAX_PARAGRAPH { Ok(ended(&mut held)?) } else { Ok(()) }
    });
    ended(&mut held)?;
    match walked {
        Err(Stop::Full) => Err(Full),
        // What came before the markup broke is taken.
        _ => Ok(()),
    }
}
