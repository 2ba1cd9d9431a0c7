//! XMP: what editors write about a picture, as RDF. The usual prefixes are taken at their word.

use quick_xml::{Reader, events::Event};

use super::{Found, found::fill, gps, when};

/// The longest packet that is read.
const LONGEST: usize = 4 << 20;
const DEEPEST: usize = 64;

/// Reads one packet.
pub fn read(packet: &[u8], found: &mut Found) {
    let packet = &packet[..packet.len().min(LONGEST)];
    let text = String::from_utf8_lossy(packet);
    let mut reader = Reader::from_str(text.trim_matches(|c: char| c.is_whitespace() || c == '\0'));
    reader.config_mut().check_end_names = false;
    let mut path: Vec<String> = Vec::new();
    let mut words = String::new();
    let mut place = (None, None);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) | Event::Empty(start) if path.len() >= DEEPEST => drop(start),
            Event::Start(start) => {
                attributes(&start, found, &mut place);
                path.push(start.name().as_ref().to_owned());
                words.clear();
            }
            Event::Empty(start) => attributes(&start, found, &mut place),
            Event::Text(piece) => words.push_str(&piece.xml10_content()),
            Event::CData(piece) => words.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => words.extend(letter(&reference)),
            Event::End(_) => {
                // Lists and languages lie between a property and its words.
                let property = path.iter().rev().find(|name| !name.starts_with("rdf:"));
                if let Some(property) = property {
                    take(property, words.trim(), found, &mut place);
                }
                words.clear();
                path.pop();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if let (None, Some((latitude, longitude))) = (found.metadata.latitude, gps::place(place.0, place.1)) {
        (found.metadata.latitude, found.metadata.longitude) = (Some(latitude), Some(longitude));
    }
}

/// What a reference stands for: a number, or one of XML's five names.
pub fn letter(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    match reference.xml10_content().as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

type Place = (Option<f64>, Option<f64>);

fn attributes(start: &quick_xml::events::BytesStart<'_>, found: &mut Found, place: &mut Place) {
    for attribute in start.attributes().with_checks(false).flatten() {
        if let Ok(value) = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0) {
            take(attribute.key.as_ref(), value.trim(), found, place);
        }
    }
}

fn take(property: &str, text: &str, found: &mut Found, place: &mut Place) {
    if text.is_empty() {
        return;
    }
    let metadata = &mut found.metadata;
    match property {
        "dc:title" => fill(&mut metadata.title, text),
        "dc:description" => fill(&mut metadata.subject, text),
        "dc:creator" => fill(&mut metadata.author, text),
        "tiff:Make" => fill(&mut metadata.camera_make, text),
        "tiff:Model" => fill(&mut metadata.camera_model, text),
        "aux:Lens" | "exifEX:LensModel" => fill(&mut metadata.lens, text),
        "dc:subject" => found.keyword(text),
        "photoshop:Headline" | "dc:rights" | "photoshop:City" | "photoshop:Country" | "photoshop:State" => {
            found.word(text);
        }
        "exif:DateTimeOriginal" | "photoshop:DateCreated" => keep(&mut metadata.taken_at, text),
        "xmp:CreateDate" => keep(&mut metadata.created_at, text),
        "xmp:ModifyDate" => keep(&mut metadata.modified_at, text),
        "exif:GPSLatitude" => place.0 = gps::from_xmp(text),
        "exif:GPSLongitude" => place.1 = gps::from_xmp(text),
        "tiff:Orientation" if metadata.orientation.is_none() => {
            metadata.orientation = text.parse().ok().filter(|orientation| (1..=8).contains(orientation));
        }
        _ => {}
    }
}

fn keep(slot: &mut Option<String>, text: &str) {
    if slot.is_none() {
        *slot = when::rfc3339(text, None);
    }
}
