//! SVG: its size where it is absolute, and the words drawn in it.

use std::{borrow::Cow, io::Read};

use quick_xml::{Reader, events::Event};

use super::{Found, found::fill, xmp::letter};
use crate::Fault;

/// What a compressed drawing may grow to.
const LONGEST: u64 = 64 << 20;

/// Reads size, title, description and every word that is drawn.
///
/// # Errors
/// `Malformed` where there is no drawing; `Stop::Full` is the sink's to tell.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    let bytes = plain(bytes);
    let text = decoded(&bytes);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    let (mut is_drawing, mut depth) = (false, 0usize);
    // What is open and keeps words: its name, how deep it lies, and the words so far.
    let mut open: Option<(String, usize, String)> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                depth += 1;
                let name = start.local_name();
                let name: &str = name.as_ref();
                if name == "svg" && !is_drawing {
                    is_drawing = true;
                    size(&start, found);
                }
                match &mut open {
                    None if ["title", "desc", "text"].contains(&name) => {
                        open = Some((name.to_owned(), depth, String::new()));
                    }
                    Some((_, _, words)) => words.push(' '),
                    None => {}
                }
            }
            Ok(Event::Empty(start)) if start.local_name().as_ref() == "svg" && !is_drawing => {
                is_drawing = true;
                size(&start, found);
            }
            Ok(Event::End(_)) => {
                if let Some((name, _, words)) = open.take_if(|(_, at, _)| *at >= depth) {
                    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
                    match name.as_str() {
                        // Only the drawing's own title names it; others name its parts.
                        "title" if depth == 2 => fill(&mut found.metadata.title, &words),
                        "desc" if depth == 2 => fill(&mut found.metadata.subject, &words),
                        _ => found.line(&words),
                    }
                }
                depth = depth.saturating_sub(1);
            }
            Ok(Event::Text(piece)) => keep(&mut open, &piece.xml10_content()),
            Ok(Event::CData(piece)) => keep(&mut open, &piece.xml10_content()),
            Ok(Event::GeneralRef(reference)) => {
                if let (Some(c), Some((_, _, words))) = (letter(&reference), &mut open) {
                    words.push(c);
                }
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            // What was read until then is kept.
            Err(_) => break,
        }
    }
    if is_drawing { Ok(()) } else { Err(Fault::malformed("there is no drawing in it")) }
}

fn keep(open: &mut Option<(String, usize, String)>, piece: &str) {
    if let Some((_, _, words)) = open {
        words.push_str(piece);
    }
}

/// Width and height in pixels: as they are given, or else as the view box says.
fn size(start: &quick_xml::events::BytesStart<'_>, found: &mut Found) {
    let (mut width, mut height, mut view) = (None, None, None);
    for attribute in start.attributes().with_checks(false).flatten() {
        let key: &str = attribute.key.as_ref();
        match key {
            "width" => width = pixels(&attribute.value),
            "height" => height = pixels(&attribute.value),
            "viewBox" => view = box_size(&attribute.value),
            _ => {}
        }
    }
    let (width, height) = match (width, height, view) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some((w, h))) => (width, width * h / w),
        (None, Some(height), Some((w, h))) => (height * w / h, height),
        (None, None, Some(size)) => size,
        _ => return,
    };
    let whole = |length: f64| (0.5..1e9).contains(&length).then_some(length.round() as u32);
    if let (Some(width), Some(height)) = (whole(width), whole(height)) {
        (found.metadata.width, found.metadata.height) = (Some(width), Some(height));
    }
}

/// CSS lengths that do not depend on anything else.
fn pixels(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+')).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let scale = match unit.trim() {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 9.6 / 2.54,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * scale).filter(|length| *length > 0.0)
}

fn box_size(text: &str) -> Option<(f64, f64)> {
    let numbers = text.split([' ', ',', '\n', '\t']).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = numbers.map_while(|part| part.parse().ok()).collect();
    let [_, _, width, height] = *numbers else { return None };
    (width > 0.0 && height > 0.0).then_some((width, height))
}

/// Drawings come compressed, too.
pub fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Cow::Borrowed(bytes);
    }
    let mut plain = Vec::new();
    let _ = flate2::read::GzDecoder::new(bytes).take(LONGEST).read_to_end(&mut plain);
    Cow::Owned(plain)
}

/// The encoding by its mark; XML without one is UTF-8.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let (encoding, mark) = encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    encoding.decode_without_bom_handling(&bytes[mark..]).0
}
