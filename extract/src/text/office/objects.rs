//! Documents inside documents: objects embedded in a package, in the storages of a compound file, or packed into the
//! records of a presentation. Each is unwrapped to the file it is, and read like any file.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use cfb::CompoundFile;

use crate::{
    Source,
    detect::Format,
    text::{Full, Reading, archive::Archive, attached},
};

/// Bytes of all objects of one document together.
const MAX_BYTES: u64 = 64 << 20;
const MAX_STREAMS: usize = 500;
const COMPOUND: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

type Compound<'a> = CompoundFile<Cursor<&'a [u8]>>;

/// An object as a file.
struct Object {
    name: Option<String>,
    bytes: Vec<u8>,
}

/// Reads what is embedded in a document. Objects that the library reads itself are left out.
///
/// # Errors
/// `Full` when the sink is.
pub fn read(bytes: &[u8], format: Format, into: &mut Reading) -> Result<(), Full> {
    if !attached::is_allowed(into) {
        return Ok(());
    }
    let found = match format {
        Format::Docx | Format::Xlsx | Format::Pptx => in_package(bytes, format),
        Format::Ppt => in_records(bytes),
        _ => in_storages(bytes, format),
    };
    let mut seen = HashSet::new();
    for Object { name, bytes } in found.into_iter().take(attached::MAX_FILES) {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        if seen.insert(hasher.finish()) {
            attached::pour_file(&Source { bytes: Arc::new(bytes), name, mime_type: None }, into)?;
        }
    }
    Ok(())
}

fn in_package(bytes: &[u8], format: Format) -> Vec<Object> {
    let Ok(mut archive) = Archive::open(bytes) else { return Vec::new() };
    let names = archive.names();
    let embedded = names.into_iter().filter(|name| name.to_lowercase().contains("/embeddings/"));
    let mut found = Vec::new();
    for name in embedded.take(attached::MAX_FILES) {
        let Ok(Some(part)) = archive.part(&name) else { continue };
        if format == Format::Docx && part.starts_with(b"PK") {
            continue;
        }
        found.extend(unwrapped(part));
    }
    found
}

/// What a compound file wraps, or the file itself.
fn unwrapped(bytes: Vec<u8>) -> Option<Object> {
    if !bytes.starts_with(&COMPOUND) {
        return Some(Object { name: None, bytes });
    }
    let inner =
        CompoundFile::open(Cursor::new(bytes.as_slice())).ok().and_then(|mut file| wrapped(&mut file, Path::new("/")));
    Some(inner.unwrap_or(Object { name: None, bytes }))
}

/// The objects of Word lie in a pool, those of Excel in storages of the root.
fn in_storages(bytes: &[u8], format: Format) -> Vec<Object> {
    let Ok(mut file) = CompoundFile::open(Cursor::new(bytes)) else { return Vec::new() };
    let pool = if format == Format::Doc { "/ObjectPool" } else { "/" };
    let Ok(entries) = file.read_storage(pool) else { return Vec::new() };
    let is_object = |name: &str| format == Format::Doc || name.starts_with("MBD") || name.starts_with("LNK");
    let storages: Vec<PathBuf> = entries
        .take(MAX_STREAMS)
        .filter(|entry| entry.is_storage() && is_object(entry.name()))
        .map(|entry| entry.path().to_path_buf())
        .take(attached::MAX_FILES)
        .collect();
    let mut left = MAX_BYTES;
    let mut found = Vec::new();
    for storage in storages {
        // The library has read the letters in a letter.
        if format == Format::Doc && file.is_stream(storage.join("WordDocument")) {
            continue;
        }
        found.extend(wrapped(&mut file, &storage).or_else(|| whole(&mut file, &storage, &mut left)));
    }
    found
}

/// What an object's storage wraps: a package, a file dropped into the document, or a PDF.
fn wrapped(file: &mut Compound<'_>, storage: &Path) -> Option<Object> {
    let mut stream = |name: &str| {
        let mut bytes = Vec::new();
        file.open_stream(storage.join(name)).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    if let Some(bytes) = stream("Package") {
        return Some(Object { name: None, bytes });
    }
    if let Some(native) = stream("\u{1}Ole10Native") {
        return dropped(&native);
    }
    let contents = stream("CONTENTS").filter(|bytes| bytes.starts_with(b"%PDF"))?;
    Some(Object { name: None, bytes: contents })
}

/// A file dropped into a document: its label, where it came from, where it lay for a while, and its bytes.
fn dropped(native: &[u8]) -> Option<Object> {
    let until_zero = |from: usize| native.get(from..)?.iter().position(|b| *b == 0).map(|n| from + n + 1);
    let long = |at: usize| Some(u32::from_le_bytes(*native.get(at..)?.first_chunk::<4>()?) as usize);
    let label = native.get(6..until_zero(6)? - 1)?;
    let after_source = until_zero(until_zero(6)?)?;
    let after_place = (after_source + 8).checked_add(long(after_source + 4)?)?;
    let length = long(after_place)?;
    let rest = native.get(after_place + 4..)?;
    let bytes = rest.get(..length.min(rest.len()))?.to_vec();
    Some(Object { name: Some(String::from_utf8_lossy(label).into_owned()), bytes })
}

/// A storage that is a document of its own, as the compound file it would be.
fn whole(file: &mut Compound<'_>, storage: &Path, left: &mut u64) -> Option<Object> {
    let entries: Vec<(PathBuf, bool, u64)> = file
        .walk_storage(storage)
        .ok()?
        .skip(1)
        .take(MAX_STREAMS)
        .map(|entry| (entry.path().to_path_buf(), entry.is_storage(), entry.len()))
        .collect();
    let mut copy = CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (path, is_storage, length) in entries {
        let to = Path::new("/").join(path.strip_prefix(storage).ok()?);
        if is_storage {
            copy.create_storage(to).ok()?;
            continue;
        }
        *left = left.checked_sub(length)?;
        let mut bytes = Vec::new();
        file.open_stream(&path).ok()?.take(length).read_to_end(&mut bytes).ok()?;
        copy.create_stream(to).ok()?.write_all(&bytes).ok()?;
    }
    copy.flush().ok()?;
    Some(Object { name: None, bytes: copy.into_inner().into_inner() })
}

/// Record type of an object in a presentation, which is packed if its instance is 1.
const OBJECT_RECORD: u16 = 0x1011;

fn in_records(bytes: &[u8]) -> Vec<Object> {
    let mut stream = Vec::new();
    let read = CompoundFile::open(Cursor::new(bytes))
        .and_then(|mut file| file.open_stream("/PowerPoint Document")?.take(MAX_BYTES).read_to_end(&mut stream));
    if read.is_err() {
        return Vec::new();
    }
    let mut left = MAX_BYTES;
    let mut found = Vec::new();
    let mut at = 0;
    // Objects lie at the top of the stream, one after another.
    while let Some(header) = stream.get(at..at + 8) {
        let instance = u16::from_le_bytes([header[0], header[1]]) >> 4;
        let kind = u16::from_le_bytes([header[2], header[3]]);
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let Some(end) = (at + 8).checked_add(length).filter(|end| *end <= stream.len()) else { break };
        if kind == OBJECT_RECORD && found.len() < attached::MAX_FILES {
            let body = &stream[at + 8..end];
            let mut object = Vec::new();
            if instance == 1 {
                // Its length unpacked comes first; it is not believed.
                let packed = flate2::read::ZlibDecoder::new(body.get(4..).unwrap_or_default());
                let _ = packed.take(left).read_to_end(&mut object);
            } else {
                object.extend_from_slice(body);
            }
            left = left.saturating_sub(object.len() as u64);
            found.extend(unwrapped(object));
        }
        at = end;
    }
    found
}
