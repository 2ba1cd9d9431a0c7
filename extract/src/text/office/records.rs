//! The records of a workbook in a compound file, for what the library leaves out: headers, footers and text boxes.

use std::io::{Cursor, Read};

use super::missed::Missed;
use crate::{
    Source,
    text::{
        Full, Reading,
        charset::{self, Codec},
    },
};

const HEADER: u16 = 0x0014;
const FOOTER: u16 = 0x0015;
const FILE_PASS: u16 = 0x002f;
const CONTINUE: u16 = 0x003c;
const CODE_PAGE: u16 = 0x0042;
const TEXT_BOX: u16 = 0x01b6;

const MAX_STREAM: u64 = 100 << 20;

/// Adds what did not come since `before`.
///
/// # Errors
/// `Full` when the sink is.
pub fn read_missed(source: &Source, before: usize, into: &mut Reading) -> Result<(), Full> {
    let Some((stream, is_wide)) = workbook(&source.bytes) else { return Ok(()) };
    let mut missed = Missed::since(before, &into.sink);
    let mut codec = charset::code_page(1252);
    let mut records = Records { rest: &stream }.peekable();
    while let Some((kind, body)) = records.next() {
        match kind {
            FILE_PASS => break,
            CODE_PAGE => codec = code_page(body).or(codec),
            HEADER | FOOTER => {
                let text = if is_wide { wide(body, 0) } else { narrow(body, codec) };
                missed.add(&without_codes(&text), &mut into.sink)?;
            }
            TEXT_BOX if is_wide => {
                let count = body.get(10..12).map_or(0, |n| usize::from(u16::from_le_bytes([n[0], n[1]])));
                let mut text = String::new();
                let mut left = count;
                while left > 0 {
                    let Some((_, more)) = records.next_if(|(kind, _)| *kind == CONTINUE) else { break };
                    let piece = letters(more, left);
                    let taken = piece.encode_utf16().count();
                    if taken == 0 {
                        break;
                    }
                    left = left.saturating_sub(taken);
                    text.push_str(&piece);
                }
                missed.add(&text, &mut into.sink)?;
            }
            _ => {}
        }
    }
    into.sink.line()
}

/// The stream of the workbook, and whether its strings are of the later kind.
fn workbook(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name))?;
    let mut stream = Vec::new();
    file.open_stream(name).ok()?.take(MAX_STREAM).read_to_end(&mut stream).ok()?;
    let is_wide = stream.get(4..6) == Some(&[0x00, 0x06]);
    Some((stream, is_wide))
}

/// Kind and body, one record after another.
struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (body, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((u16::from_le_bytes([head[0], head[1]]), body))
    }
}

fn code_page(body: &[u8]) -> Option<Codec> {
    charset::code_page(u32::from(u16::from_le_bytes(*body.first_chunk::<2>()?)))
}

/// A string with its length in letters before it.
fn wide(body: &[u8], at: usize) -> String {
    let count = body.get(at..at + 2).map_or(0, |n| usize::from(u16::from_le_bytes([n[0], n[1]])));
    letters(body.get(at + 2..).unwrap_or_default(), count)
}

/// Letters behind a flag that tells whether each takes one byte or two.
fn letters(bytes: &[u8], count: usize) -> String {
    match bytes.split_first() {
        Some((flags, rest)) if flags & 1 == 1 => {
            let units: Vec<u16> =
                rest.as_chunks::<2>().0.iter().take(count).map(|two| u16::from_le_bytes(*two)).collect();
            String::from_utf16_lossy(&units)
        }
        Some((_, rest)) => rest.iter().take(count).map(|byte| char::from(*byte)).collect(),
        None => String::new(),
    }
}

fn narrow(body: &[u8], codec: Option<Codec>) -> String {
    let Some((count, rest)) = body.split_first() else { return String::new() };
    let bytes = &rest[..rest.len().min(usize::from(*count))];
    codec.map(|codec| codec.decode(bytes).into_owned()).unwrap_or_default()
}

/// The words of a header: codes begin with an ampersand, and tell of places, fonts and numbers that are filled in.
fn without_codes(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '&' {
            words.push(c);
            continue;
        }
        match rest.next() {
            Some('&') => words.push('&'),
            Some('"') => {
                let _ = rest.by_ref().take_while(|c| *c != '"').count();
            }
            Some('L' | 'C' | 'R') => words.push(' '),
            Some('K') => {
                let _ = std::iter::from_fn(|| rest.next_if(char::is_ascii_hexdigit)).take(6).count();
            }
            Some(c) if c.is_ascii_digit() => while rest.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use super::*;

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(body.len() as u16).to_le_bytes(), body].concat()
    }

    #[test]
    fn headers_and_text_boxes_are_read_once() {
        let header = [&[18, 0, 0][..], b"&L&\"Arial\"&12Tides"].concat();
        let mut text_box = [0u8; 18];
        text_box[10] = 5;
        let stream = [
            record(0x0809, &[0, 6, 5, 0]),
            record(HEADER, &header),
            record(TEXT_BOX, &text_box),
            record(CONTINUE, &[&[1][..], &"bo".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()),
            record(CONTINUE, b"\0xed"),
            record(FOOTER, &header),
        ]
        .concat();
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
        let bytes = Arc::new(file.into_inner().into_inner());
        let mut into = Reading::default();
        read_missed(&Source { bytes, name: None, mime_type: None }, 0, &mut into).unwrap();
        assert_eq!(into.sink.finish(), " Tides\nboxed\n");
    }

    #[test]
    fn codes_are_not_words() {
        assert_eq!(without_codes("&LPage &P of &N&C&\"Times,Bold\"&14Bread && Co&K00ff00!"), " Page  of  Bread & Co!");
    }
}
