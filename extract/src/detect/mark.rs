//! Kinds with a mark of their own: those so certain that they are asked for first, and those asked for only where bytes
//! are neither a container nor letters.

use file_format::{FileFormat, Kind};

use super::{Format, hint::Hint};

/// Kinds whose mark no text begins with, and those that may look like a text or like each other.
pub fn certain(bytes: &[u8], hint: Hint) -> Option<Format> {
    if is_pdf(bytes, hint) {
        return Some(Format::Pdf);
    }
    let text = &bytes[..bytes.len().min(64)];
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    if text.starts_with(b"{\\rtf") {
        return Some(Format::Rtf);
    }
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Format::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::Webp),
        [b'8', b'B', b'P', b'S', 0, 1 | 2, ..] => Some(Format::Psd),
        [b'P', b'1'..=b'7', b' ' | b'\t' | b'\n' | b'\r' | b'#', ..] => is_pnm(bytes).then_some(Format::Raster),
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', b'C', b'C', b'D', ..] => Some(Format::Raw),
        // Packed SVG: nothing else of that name is packed so.
        [0x1f, 0x8b, ..] if hint.is(Format::Svg) => Some(Format::Svg),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(boxed(bytes, hint)),
        _ => tiff(bytes, hint),
    }
}

/// Files begin with their mark, but what stood before it on the way (a mark of order, a line of a printer) is let be.
fn is_pdf(bytes: &[u8], hint: Hint) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let at = head.windows(5).position(|five| five == b"%PDF-");
    match at {
        Some(0) => true,
        Some(at) => {
            let before = &head[..at];
            before.trim_ascii().len() < 16 || hint.is(Format::Pdf) || before.iter().any(|b| *b < 9)
        }
        None => {
            let tail = &bytes[bytes.len().saturating_sub(2048)..];
            hint.is(Format::Pdf) && tail.windows(9).any(|nine| nine == b"startxref")
        }
    }
}

/// `P3 640 480`: a digit or a remark follows, and the older kinds are short of letters.
fn is_pnm(bytes: &[u8]) -> bool {
    let rest = bytes[2..bytes.len().min(200)].trim_ascii_start();
    match rest.first() {
        Some(b'0'..=b'9') => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            rest[digits..].trim_ascii_start().first().is_some_and(|b| b.is_ascii_digit() || *b == b'#')
        }
        Some(b'#') => true,
        Some(b'W') => bytes[1] == b'7' && rest.starts_with(b"WIDTH"),
        _ => false,
    }
}

/// The family of MP4 and HEIF: by the brands it lists, and films from sounds by their tracks.
fn boxed(bytes: &[u8], hint: Hint) -> Format {
    let length = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let brands = &bytes[8..length.clamp(12, 264).min(bytes.len()).max(8)];
    let brands: Vec<&[u8]> = brands.chunks_exact(4).enumerate().filter(|(i, _)| *i != 1).map(|(_, b)| b).collect();
    let major = brands.first().copied().unwrap_or_default();
    let has = |names: &[&[u8]]| brands.iter().any(|brand| names.contains(brand));
    match major {
        b"crx " => Format::Raw,
        b"avif" | b"avis" => Format::Avif,
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"hevm" | b"hevs" => Format::Heif,
        b"mif1" | b"msf1" | b"miaf" | b"MiHB" | b"MiHE" => match has(&[b"avif", b"avis"]) {
            true => Format::Avif,
            false => Format::Heif,
        },
        b"jp2 " | b"jpx " | b"jpm " | b"jxl " => Format::Unknown,
        b"M4A " | b"M4B " | b"M4P " | b"F4A " | b"F4B " => Format::Audio,
        _ => match FileFormat::from_bytes(bytes).kind() {
            Kind::Audio => Format::Audio,
            _ if hint.is(Format::Audio) => Format::Audio,
            _ => Format::Video,
        },
    }
}

/// TIFF and the cameras' formats made from it: told by their own marks, by the tags of the first directory, or else by
/// name.
fn tiff(bytes: &[u8], hint: Hint) -> Option<Format> {
    let big = match bytes.get(..4)? {
        b"II*\0" | b"II+\0" => false,
        b"MM\0*" | b"MM\0+" => true,
        b"IIRO" | b"IIRS" | b"MMOR" | b"IIU\0" | b"FOVb" | b"\0MRM" => return Some(Format::Raw),
        _ if bytes.get(6..14) == Some(b"HEAPCCDR") => return Some(Format::Raw),
        _ => return None,
    };
    if hint.is(Format::Raw) || bytes.get(8..10) == Some(b"CR") || is_camera(bytes, big).unwrap_or(false) {
        return Some(Format::Raw);
    }
    Some(Format::Tiff)
}

/// A first directory with a DNG version, or with a small picture before larger ones and a sensor's maker.
fn is_camera(bytes: &[u8], big: bool) -> Option<bool> {
    let short = |at: usize| {
        let pair = [*bytes.get(at)?, *bytes.get(at + 1)?];
        Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    };
    let long = |at: usize| {
        let quad = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if big { u32::from_be_bytes(quad) } else { u32::from_le_bytes(quad) })
    };
    let first = long(4)? as usize;
    let count = usize::from(short(first)?).min(500);
    let (mut is_reduced, mut has_more, mut has_maker) = (false, false, false);
    for entry in (0..count).map(|i| first + 2 + i * 12) {
        match short(entry)? {
            0xc612 => return Some(true),
            0x00fe => is_reduced = long(entry + 8)? & 1 == 1,
            0x014a => has_more = true,
            0x010f => has_maker = true,
            _ => {}
        }
    }
    Some(is_reduced && has_more && has_maker)
}

/// Everything else, by the marks of a list.
pub fn probable(bytes: &[u8], hint: Hint) -> Format {
    if is_transport_stream(bytes) {
        return Format::Video;
    }
    // Workbooks of the time before compound files begin with their first record.
    if let [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04 | 0x06 | 0x08 | 0x10, 0x00, ..] = bytes {
        return Format::Xls;
    }
    let found = FileFormat::from_bytes(bytes);
    match (found, found.kind()) {
        (FileFormat::WindowsBitmap, _) => Format::Bmp,
        (FileFormat::WindowsIcon | FileFormat::WindowsCursor, _) => Format::Raster,
        (_, Kind::Audio) => Format::Audio,
        (_, Kind::Video) => Format::Video,
        (_, Kind::Archive | Kind::Compressed | Kind::Package) => Format::Archive,
        (FileFormat::ArbitraryBinaryData, _) => unmarked(bytes, hint),
        _ => Format::Unknown,
    }
}

/// Kinds without any mark, where a name claims them and the first bytes do not speak against it.
fn unmarked(bytes: &[u8], hint: Hint) -> Format {
    match (hint, bytes) {
        (Hint::Format(Format::Audio), [0xff, 0xe0..=0xff, ..]) => Format::Audio,
        // A sound may begin in the middle of a frame, after a tag or after nothing.
        (Hint::Format(Format::Audio), [0, 0, ..]) => Format::Audio,
        // TGA: kind of map, kind of picture, and a depth that exists.
        (Hint::Format(Format::Raster), [_, 0 | 1, 1..=3 | 9..=11, ..])
            if matches!(bytes.get(16), Some(8 | 15 | 16 | 24 | 32)) =>
        {
            Format::Raster
        }
        _ => Format::Unknown,
    }
}

fn is_transport_stream(bytes: &[u8]) -> bool {
    let packets = |first: usize, size: usize| (0..4).all(|i| bytes.get(first + i * size) == Some(&0x47));
    packets(0, 188) || packets(4, 192)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(major: &[u8; 4], others: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = (16 + 4 * others.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(b"ftyp");
        bytes.extend_from_slice(major);
        bytes.extend_from_slice(&[0; 4]);
        others.iter().for_each(|other| bytes.extend_from_slice(*other));
        bytes.extend_from_slice(&[0; 64]);
        bytes
    }

    #[test]
    fn brands_part_pictures_films_and_sounds() {
        for (bytes, expected) in [
            (brand(b"heic", &[]), Format::Heif),
            (brand(b"mif1", &[b"miaf", b"heic"]), Format::Heif),
            (brand(b"mif1", &[b"avif"]), Format::Avif),
            (brand(b"avif", &[b"mif1"]), Format::Avif),
            (brand(b"crx ", &[]), Format::Raw),
            (brand(b"M4A ", &[b"isom"]), Format::Audio),
            (brand(b"isom", &[]), Format::Video),
            (brand(b"qt  ", &[]), Format::Video),
        ] {
            assert_eq!(certain(&bytes, Hint::None), Some(expected), "{:?}", String::from_utf8_lossy(&bytes[8..24]));
        }
    }

    #[test]
    fn a_tiff_with_a_dng_version_is_a_cameras() {
        let entry = |tag: u16| [&tag.to_le_bytes()[..], &[1, 0, 4, 0, 0, 0, 1, 4, 0, 0]].concat();
        let plain = [b"II*\0\x08\0\0\0\x01\0".as_slice(), &entry(0x0100), &[0; 4]].concat();
        let dng = [b"II*\0\x08\0\0\0\x01\0".as_slice(), &entry(0xc612), &[0; 4]].concat();
        assert_eq!(certain(&plain, Hint::None), Some(Format::Tiff));
        assert_eq!(certain(&plain, Hint::Format(Format::Raw)), Some(Format::Raw));
        assert_eq!(certain(&dng, Hint::None), Some(Format::Raw));
    }

    #[test]
    fn a_pdf_may_have_something_before_its_mark_and_a_letter_may_speak_of_one() {
        assert_eq!(certain(b"\n\xef\xbb\xbf%PDF-1.7", Hint::None), Some(Format::Pdf));
        assert_eq!(certain(b"\x1b%-12345X@PJL ENTER\n\0%PDF-1.4", Hint::None), Some(Format::Pdf));
        assert_eq!(certain(b"Every such file begins with %PDF-1.4", Hint::None), None);
        assert_eq!(certain(b"xx endobj trailer startxref 12", Hint::Format(Format::Pdf)), Some(Format::Pdf));
    }

    #[test]
    fn words_are_not_taken_for_a_picture() {
        assert_eq!(certain(b"P3 is the third priority", Hint::None), None);
        assert_eq!(certain(b"P3 2 2 255 1 2 3", Hint::None), Some(Format::Raster));
        assert_eq!(certain(b"BMW is a maker of cars", Hint::None), None);
    }

    #[test]
    fn streams_without_a_head_are_films() {
        let mut bytes = vec![0u8; 188 * 5];
        bytes.iter_mut().step_by(188).for_each(|b| *b = 0x47);
        assert_eq!(probable(&bytes, Hint::None), Format::Video);
    }
}
