//! XML walked as a stream: what opens, what closes, what stands between. Entities of a document type are never expanded,
//! and nesting has an end. Comes in: bytes or text of one part; goes out: a call for each step.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{Full, Stop, charset};
use crate::{Fault, Outcome};

/// Elements inside elements.
const MAX_DEPTH: usize = 4096;

/// One step of a walk. Names are local: without their prefix.
#[derive(Debug)]
pub enum Step<'a> {
    Open(&'a Element<'a>),
    Close(&'a str),
    Text(&'a str),
}

/// An element that opens.
#[derive(Debug)]
pub struct Element<'a> {
    start: BytesStart<'a>,
}

impl Element<'_> {
    pub fn name(&self) -> &str {
        let name = self.start.name().into_inner();
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    /// The name as it stands, with its prefix.
    pub fn full_name(&self) -> &str {
        self.start.name().into_inner()
    }

    /// The value of an attribute by its local name.
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The number an attribute holds.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// Local names and values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        attributes.flatten().map(|attribute| {
            let key = attribute.key.into_inner();
            let value = match quick_xml::escape::unescape(&attribute.value) {
                Ok(value) => Cow::Owned(value.into_owned()),
                Err(_) => attribute.value.clone(),
            };
            (key.rsplit_once(':').map_or(key, |(_, local)| local), value)
        })
    }
}

/// Walks XML bytes of whatever encoding.
///
/// # Errors
/// What `step` returns, and `Malformed` where the markup breaks off or nests too deep; steps until then were made.
pub fn walk(bytes: &[u8], step: impl FnMut(Step<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
    walk_text(&charset::decode_any(bytes, None).text, step)
}

/// As `walk`, for text.
///
/// # Errors
/// As `walk`.
pub fn walk_text(text: &str, mut step: impl FnMut(Step<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Fault::new(Outcome::TooLarge, "its markup nests too deep").into());
                }
                step(Step::Open(&Element { start }))?;
            }
            Ok(Event::Empty(start)) => {
                let element = Element { start };
                step(Step::Open(&element))?;
                step(Step::Close(element.name()))?;
            }
            Ok(Event::End(end)) => {
                depth = depth.saturating_sub(1);
                step(Step::Close(end.local_name().as_ref()))?;
            }
            Ok(Event::Text(text)) => step(Step::Text(&text))?,
            Ok(Event::CData(text)) => step(Step::Text(&text))?,
            Ok(Event::GeneralRef(reference)) => {
                if let Some(c) = referred(&reference) {
                    step(Step::Text(c.encode_utf8(&mut [0; 4])))?;
                }
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Err(_) => return Err(Fault::malformed("its markup breaks off").into()),
        }
    }
}

/// A character by number or by one of the names every XML knows; whatever a document defines for itself is left out.
fn referred(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}

/// All words between tags, parted at the tags; where there are none, the values of the attributes.
///
/// # Errors
/// `Malformed` where the markup breaks off.
pub fn content(text: &str) -> Result<String, Stop> {
    let mut words = String::new();
    let mut values = String::new();
    walk_text(text, |step| {
        match step {
            Step::Text(piece) => words.push_str(piece),
            Step::Open(element) => {
                words.push(' ');
                for (_, value) in element.attributes() {
                    values.push_str(&value);
                    values.push('\n');
                }
            }
            Step::Close(_) => words.push(' '),
        }
        match words.len() > 2 * super::MAX_TEXT || values.len() > 2 * super::MAX_TEXT {
            true => Err(Full.into()),
            false => Ok(()),
        }
    })
    .or_else(|stop| match stop {
        Stop::Full => Ok(()),
        fault => Err(fault),
    })?;
    Ok(if words.trim().is_empty() { values } else { words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_a_document_defines_are_not_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"boom\"><!ENTITY c \"&b;&b;\">]><a>before &c; &#65;&#x42;&amp; after</a>";
        assert_eq!(content(bomb).unwrap().trim(), "before  AB& after");
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = "<a>".repeat(MAX_DEPTH + 1);
        let Err(Stop::Fault(fault)) = content(&deep) else { panic!("it was walked") };
        assert_eq!(fault.outcome, Outcome::TooLarge);
    }

    #[test]
    fn prefixes_and_the_order_of_closing_do_not_matter() {
        let mut seen = Vec::new();
        walk(b"<x:a y:b='1 &gt; 0'>t<c/></x:z>", |step| {
            seen.push(match step {
                Step::Open(element) => format!("+{}{:?}", element.name(), element.attribute("b")),
                Step::Close(name) => format!("-{name}"),
                Step::Text(text) => text.to_owned(),
            });
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["+aSome(\"1 > 0\")", "t", "+cNone", "-c", "-z"]);
    }
}
