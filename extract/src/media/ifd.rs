//! The directories of a TIFF, and of the cameras' formats built on it. Every offset is doubted: a directory is walked
//! once, and there are only so many of them.

/// The most directories that are walked, and the most entries of one.
const MOST_DIRECTORIES: usize = 64;
const MOST_ENTRIES: usize = 2_000;

pub const SUBFILE_TYPE: u16 = 0x00fe;
pub const WIDTH: u16 = 0x0100;
pub const HEIGHT: u16 = 0x0101;
pub const COMPRESSION: u16 = 0x0103;
pub const STRIP_OFFSETS: u16 = 0x0111;
pub const ORIENTATION: u16 = 0x0112;
pub const STRIP_LENGTHS: u16 = 0x0117;
const SUB_DIRECTORIES: u16 = 0x014a;
pub const JPEG_OFFSET: u16 = 0x0201;
pub const JPEG_LENGTH: u16 = 0x0202;
pub const XMP: u16 = 0x02bc;
pub const IPTC: u16 = 0x83bb;
const EXIF: u16 = 0x8769;

/// A TIFF's bytes, and how to read numbers in them.
#[derive(Debug, Clone, Copy)]
pub struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

#[derive(Debug, Clone)]
pub struct Directory {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    /// Where the value lies: in the entry itself, or where the entry points.
    at: usize,
}

impl<'a> Tiff<'a> {
    /// Knows a TIFF by its byte order; the number behind it differs between cameras.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        match bytes.get(..2)? {
            b"II" => Some(Self { bytes, is_little: true }),
            b"MM" => Some(Self { bytes, is_little: false }),
            _ => None,
        }
    }

    /// All directories: the chain, what they hold inside, and what that holds.
    pub fn directories(self) -> Vec<Directory> {
        let mut waiting = vec![self.u32(4).unwrap_or(0)];
        let (mut seen, mut found) = (Vec::new(), Vec::new());
        while let Some(at) = waiting.pop() {
            if at == 0 || seen.contains(&at) || found.len() == MOST_DIRECTORIES {
                continue;
            }
            seen.push(at);
            let Some((directory, next)) = usize::try_from(at).ok().and_then(|at| self.directory(at)) else { continue };
            // The stack gives the last first: the main directories come before those inside.
            for tag in [EXIF, SUB_DIRECTORIES] {
                waiting.extend(self.numbers(&directory, tag).iter().rev());
            }
            waiting.push(next);
            found.push(directory);
        }
        found
    }

    fn directory(self, at: usize) -> Option<(Directory, u32)> {
        let count = usize::from(self.u16(at)?);
        let entry = |index: usize| -> Option<Entry> {
            let from = at + 2 + index * 12;
            let (tag, kind, count) = (self.u16(from)?, self.u16(from + 2)?, self.u32(from + 4)?);
            let length = u64::from(count) * size(kind) as u64;
            let at = if length <= 4 { from + 8 } else { usize::try_from(self.u32(from + 8)?).ok()? };
            Some(Entry { tag, kind, count, at })
        };
        let entries = (0..count.min(MOST_ENTRIES)).map_while(entry).collect();
        Some((Directory { entries }, self.u32(at + 2 + count * 12).unwrap_or(0)))
    }

    /// The numbers of an entry; none where there is no such entry.
    pub fn numbers(self, directory: &Directory, tag: u16) -> Vec<u32> {
        let Some(entry) = directory.entries.iter().find(|entry| entry.tag == tag) else { return Vec::new() };
        let size = size(entry.kind);
        let most = usize::try_from(entry.count).unwrap_or(0).min(self.bytes.len() / size);
        let number = |index: usize| {
            let at = entry.at.checked_add(index * size)?;
            match entry.kind {
                3 | 8 => self.u16(at).map(u32::from),
                4 | 9 | 13 => self.u32(at),
                _ => self.bytes.get(at).copied().map(u32::from),
            }
        };
        (0..most).map_while(number).collect()
    }

    pub fn number(self, directory: &Directory, tag: u16) -> Option<u32> {
        self.numbers(directory, tag).first().copied()
    }

    /// The bytes of an entry, whatever its type.
    pub fn data(self, directory: &Directory, tag: u16) -> Option<&'a [u8]> {
        let entry = directory.entries.iter().find(|entry| entry.tag == tag)?;
        let length = usize::try_from(entry.count).ok()?.checked_mul(size(entry.kind))?;
        self.bytes.get(entry.at..entry.at.checked_add(length)?)
    }

    /// A piece of the file that a directory points to.
    pub fn piece(self, offset: u32, length: u32) -> Option<&'a [u8]> {
        let from = usize::try_from(offset).ok()?;
        let to = from.checked_add(usize::try_from(length).ok()?)?.min(self.bytes.len());
        self.bytes.get(from..to).filter(|piece| !piece.is_empty())
    }

    fn u16(self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

fn size(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}
