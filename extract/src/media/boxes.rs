//! The boxes of ISO's media files: MP4, MOV, HEIF, AVIF. Each is a length, four letters, and what is inside.

use std::ops::Range;

/// The most boxes of one level that are walked.
const MOST: usize = 100_000;

/// The boxes of one level, in order; the last one may be cut short by the end of the bytes.
pub fn walk(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    ranges(bytes).map(|(kind, range)| (kind, &bytes[range]))
}

/// The same as places in `bytes`.
pub fn ranges(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], Range<usize>)> {
    let mut at = 0usize;
    std::iter::from_fn(move || {
        let short = u32_at(bytes, at)?;
        let kind: [u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
        let (head, length) = match short {
            0 => (8, bytes.len() - at),
            1 => (16, usize::try_from(u64_at(bytes, at + 8)?).ok()?),
            short => (8, usize::try_from(short).ok()?),
        };
        if length < head {
            return None;
        }
        let end = at.saturating_add(length).min(bytes.len());
        let range = (at + head).min(end)..end;
        at = end;
        Some((kind, range))
    })
    .take(MOST)
}

/// The first box of a kind.
pub fn find<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    walk(bytes).find(|(found, _)| found == kind).map(|(_, data)| data)
}

/// A box inside boxes.
pub fn descend<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, kind| find(bytes, kind))
}

pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// An unsigned number of 0 to 8 bytes.
pub fn sized_at(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(size)?).filter(|bytes| bytes.len() <= 8)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
