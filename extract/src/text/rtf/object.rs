//! Objects inside an RTF file: OLE packages around whole files of other programs.

use std::{
    io::{Cursor, Read},
    sync::Arc,
};

use crate::Source;

/// Where an OLE file keeps a file of another kind.
const STREAMS: [&str; 3] = ["/Package", "/CONTENTS", "/\u{1}Ole10Native"];
/// Bytes of a file inside that are read.
const MAX_FILE: u64 = 64 << 20;

/// The files in the data of one object.
pub fn files(data: &[u8]) -> Vec<Source> {
    let Some(native) = native(data) else { return Vec::new() };
    if native.starts_with(b"\xd0\xcf\x11\xe0") {
        return in_ole(native);
    }
    let file = packaged(native).unwrap_or((None, native));
    vec![source(file.0, file.1.to_vec())]
}

fn source(name: Option<String>, bytes: Vec<u8>) -> Source {
    Source { bytes: Arc::new(bytes), name, mime_type: None }
}

/// The native data of an embedded object of OLE 1: version, kind, three names, then the data with its length.
fn native(data: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?) as usize);
    let mut at = 8;
    for _ in 0..3 {
        at = number(at)?.checked_add(at + 4)?;
    }
    let length = number(at)?;
    let rest = data.get(at + 4..)?;
    Some(&rest[..length.min(rest.len())])
}

/// An OLE file is a document itself, or the shell of one.
fn in_ole(bytes: &[u8]) -> Vec<Source> {
    let mut found = Vec::new();
    if let Ok(mut ole) = cfb::CompoundFile::open(Cursor::new(bytes)) {
        for path in STREAMS {
            let Ok(stream) = ole.open_stream(path) else { continue };
            let mut inner = Vec::new();
            // What can be read of it is read.
            let _ = stream.take(MAX_FILE).read_to_end(&mut inner);
            let file = match path.ends_with("Native") {
                true => inner.get(4..).and_then(packaged).map(|(name, bytes)| (name, bytes.to_vec())),
                false => Some((None, inner)),
            };
            found.extend(file.map(|(name, bytes)| source(name, bytes)));
        }
    }
    if found.is_empty() {
        found.push(source(None, bytes.to_vec()));
    }
    found
}

/// A file as the packager wraps it: a mark, its label, its path, the path it came from, its length, its bytes.
fn packaged(bytes: &[u8]) -> Option<(Option<String>, &[u8])> {
    let mut rest = bytes.strip_prefix(b"\x02\x00")?;
    let label = text(&mut rest)?;
    text(&mut rest)?;
    rest = rest.get(4..)?;
    let path = number(&mut rest)?;
    rest = rest.get(path..)?;
    let length = number(&mut rest)?;
    let name = String::from_utf8_lossy(label).into_owned();
    Some((Some(name), &rest[..length.min(rest.len())]))
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (text, after) = rest.split_at(end);
    *rest = &after[1..];
    Some(text)
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (four, after) = rest.split_at_checked(4)?;
    *rest = after;
    Some(u32::from_le_bytes(four.try_into().ok()?) as usize)
}
