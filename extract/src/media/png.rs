//! PNG: its size, and what lies in its chunks of text, some of it compressed.

use std::io::Read;

use super::{
    Found,
    boxes::{u16_at, u32_at},
    exif,
    found::{decode, fill},
    iptc, psd, when, xmp,
};
use crate::Fault;

/// What one chunk of text may grow to.
const LONGEST: u64 = 4 << 20;
const MOST_CHUNKS: usize = 100_000;

/// Reads size, times and texts.
///
/// # Errors
/// `Malformed` where there is no header.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    let mut made = None;
    for (kind, data) in chunks(bytes) {
        match kind {
            b"IHDR" => (found.metadata.width, found.metadata.height) = (u32_at(data, 0), u32_at(data, 4)),
            b"eXIf" => exif::read(data, found),
            b"tIME" => found.metadata.modified_at = time(data),
            b"tEXt" => {
                if let Some((key, text)) = split(data) {
                    take(key, text, &decode(text), found, &mut made);
                }
            }
            b"zTXt" => {
                let text = split(data).and_then(|(key, rest)| Some((key, inflate(rest.get(1..)?))));
                if let Some((key, text)) = text {
                    take(key, &text, &decode(&text), found, &mut made);
                }
            }
            b"iTXt" => {
                if let Some((key, text)) = international(data) {
                    take(key, &text, &String::from_utf8_lossy(&text), found, &mut made);
                }
            }
            _ => {}
        }
    }
    found.metadata.created_at = found.metadata.created_at.take().or(made);
    match found.metadata.width {
        Some(_) => Ok(()),
        None => Err(Fault::malformed("the picture says no size")),
    }
}

/// The EXIF block, if there is one.
pub fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap_or_default();
    std::iter::from_fn(move || {
        let length = usize::try_from(u32_at(rest, 0)?).ok()?;
        let kind = rest.get(4..8)?.try_into().ok()?;
        let data = rest.get(8..8usize.checked_add(length)?)?;
        rest = rest.get(length + 12..).unwrap_or_default();
        Some((kind, data))
    })
    .take(MOST_CHUNKS)
}

fn take(key: &[u8], raw: &[u8], text: &str, found: &mut Found, made: &mut Option<String>) {
    match key {
        b"Title" => fill(&mut found.metadata.title, text),
        b"Author" => fill(&mut found.metadata.author, text),
        b"Description" => fill(&mut found.metadata.subject, text),
        b"Comment" | b"Copyright" | b"Warning" | b"Disclaimer" => found.word(text),
        b"Keywords" => text.split([',', ';']).for_each(|keyword| found.keyword(keyword)),
        b"Creation Time" => *made = when::rfc3339(text, None),
        b"date:create" if made.is_none() => *made = when::rfc3339(text, None),
        b"date:modify" if found.metadata.modified_at.is_none() => {
            found.metadata.modified_at = when::rfc3339(text, None)
        }
        b"XML:com.adobe.xmp" => xmp::read(raw, found),
        b"Raw profile type exif" | b"Raw profile type APP1" => {
            let block = profile(text);
            match block.strip_prefix(b"Exif\0\0") {
                Some(block) => exif::read(block, found),
                None if block.starts_with(b"http") => xmp::read(&block, found),
                None => exif::read(&block, found),
            }
        }
        b"Raw profile type xmp" => xmp::read(&profile(text), found),
        b"Raw profile type iptc" | b"Raw profile type 8bim" => {
            let block = profile(text);
            for (_, data) in psd::resources(&block).filter(|(id, _)| *id == psd::IPTC) {
                iptc::read(data, found);
            }
            iptc::read(&block, found);
        }
        _ => {}
    }
}

/// A block that was written as text: its name, its length, and its bytes as hexadecimal digits.
fn profile(text: &str) -> Vec<u8> {
    let mut lines = text.trim_start().splitn(3, '\n');
    let digits: Vec<u32> = lines.nth(2).unwrap_or_default().chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] << 4 | pair[1]).ok()).collect()
}

fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == 0)?;
    Some((&data[..end], &data[end + 1..]))
}

/// Key, whether and how it is compressed, language, the key in that language, and the text.
fn international(data: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let (key, rest) = split(data)?;
    let is_compressed = *rest.first()? == 1;
    let (_, rest) = split(rest.get(2..)?)?;
    let (_, text) = split(rest)?;
    Some((key, if is_compressed { inflate(text) } else { text.to_vec() }))
}

/// What was inflated up to an error or a limit is kept.
fn inflate(data: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = flate2::read::ZlibDecoder::new(data).take(LONGEST).read_to_end(&mut text);
    text
}

/// In UTC, says the format.
fn time(data: &[u8]) -> Option<String> {
    let [month, day, hour, minute, second] = *data.get(2..7)? else { return None };
    let year = u16_at(data, 0)?;
    when::rfc3339(&format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"), None)
}
