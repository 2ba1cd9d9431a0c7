//! TIFF, and what cameras build on it. The full picture is told from previews by its size and by what it says it is.

use super::{
    Found, canon, exif,
    ifd::{self, Tiff},
    iptc, jpeg, xmp,
};
use crate::Fault;

/// Reads size, EXIF, XMP and IPTC.
///
/// # Errors
/// `Malformed` where there is no directory.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    if let Some(preview) = fuji_preview(bytes) {
        return jpeg::read(preview, found);
    }
    if canon::is_canon(bytes) {
        canon::read(bytes, found);
        return Ok(());
    }
    let tiff = Tiff::new(bytes).ok_or_else(|| Fault::malformed("there is no TIFF in it"))?;
    let directories = tiff.directories();
    if directories.is_empty() {
        return Err(Fault::malformed("the TIFF has no directory"));
    }
    exif::read(&standard(bytes), found);
    let mut largest = (false, 0, 0);
    for directory in &directories {
        let width = tiff.number(directory, ifd::WIDTH).unwrap_or(0);
        let height = tiff.number(directory, ifd::HEIGHT).unwrap_or(0);
        // One bit says that it is a smaller copy of another picture in this file.
        let is_full = tiff.number(directory, ifd::SUBFILE_TYPE).unwrap_or(0) & 1 == 0;
        if width > 0 && height > 0 && (is_full, width) > (largest.0, largest.1) {
            largest = (is_full, width, height);
        }
        if let Some(packet) = tiff.data(directory, ifd::XMP) {
            xmp::read(packet, found);
        }
        if let Some(records) = tiff.data(directory, ifd::IPTC) {
            iptc::read(records, found);
        }
    }
    if largest.1 > 0 {
        (found.metadata.width, found.metadata.height) = (Some(largest.1), Some(largest.2));
    }
    Ok(())
}

/// The biggest JPEG inside, and the way up the directories give.
pub fn biggest_jpeg(bytes: &[u8]) -> Option<(&[u8], Option<u8>)> {
    if let Some(preview) = fuji_preview(bytes) {
        return Some((preview, None));
    }
    if canon::is_canon(bytes) {
        let mut found = Found::default();
        canon::read(bytes, &mut found);
        return Some((canon::biggest_jpeg(bytes)?, found.metadata.orientation));
    }
    let tiff = Tiff::new(bytes)?;
    let directories = tiff.directories();
    let orientation = directories.iter().find_map(|directory| tiff.number(directory, ifd::ORIENTATION));
    let orientation = orientation.and_then(|number| u8::try_from(number).ok());
    let mut found: Vec<(u64, &[u8])> = Vec::new();
    for directory in &directories {
        let pointed = tiff.number(directory, ifd::JPEG_OFFSET).zip(tiff.number(directory, ifd::JPEG_LENGTH));
        let strips = (tiff.numbers(directory, ifd::STRIP_OFFSETS), tiff.numbers(directory, ifd::STRIP_LENGTHS));
        let strip = match (strips.0.as_slice(), strips.1.as_slice()) {
            ([offset], [length]) if tiff.number(directory, ifd::COMPRESSION) != Some(1) => Some((*offset, *length)),
            _ => None,
        };
        let whole = PANASONIC_JPEG.iter().find_map(|tag| tiff.data(directory, *tag));
        let pieces = [pointed, strip].into_iter().flatten().filter_map(|(offset, length)| tiff.piece(offset, length));
        for piece in pieces.chain(whole) {
            // Raw data may itself be JPEG, but of a kind that only raw converters read: it has no size here.
            if let Some((width, height)) = jpeg::size(piece) {
                found.push((u64::from(width) * u64::from(height), piece));
            }
        }
    }
    let (_, piece) = found.into_iter().max_by_key(|(pixels, _)| *pixels)?;
    Some((piece, orientation))
}

/// Panasonic keeps its preview inside one entry.
const PANASONIC_JPEG: [u16; 1] = [0x002e];

/// Fujifilm's files begin with where their preview lies.
fn fuji_preview(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(b"FUJIFILMCCD-RAW") {
        return None;
    }
    let number = |at: usize| -> Option<usize> {
        usize::try_from(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
    };
    let (from, length) = (number(84)?, number(88)?);
    bytes.get(from..from.checked_add(length)?.min(bytes.len()))
}

/// Olympus and Panasonic write another number where TIFF has its 42.
fn standard(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(mark) = bytes.get_mut(..4) {
        match mark {
            [b'I', b'I', ..] => mark[2..].copy_from_slice(&[42, 0]),
            _ => mark[2..].copy_from_slice(&[0, 42]),
        }
    }
    bytes
}
