//! HEIF and AVIF: the size and the way up of the primary picture, and the items that hold EXIF and XMP.

use super::{
    Found,
    boxes::{self, sized_at, u16_at, u32_at},
    exif, xmp,
};
use crate::Fault;

/// The longest item that is read.
const LONGEST: usize = 8 << 20;
/// The most items of a file: tiles of a large picture are items, too.
const MOST_ITEMS: usize = 20_000;

/// Reads size, orientation, EXIF and XMP.
///
/// # Errors
/// `Malformed` where no size is found.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    let meta = meta(bytes).ok_or_else(|| Fault::malformed("the picture has no directory"))?;
    for (id, kind) in items(meta) {
        match &kind {
            b"Exif" => {
                if let Some(block) = exif_of(&item(bytes, meta, id)) {
                    exif::read(block, found);
                }
            }
            b"mime" => {
                let data = item(bytes, meta, id);
                // Only one kind of these is text about the picture.
                if data.windows(9).take(512).any(|window| window == b"x:xmpmeta") {
                    xmp::read(&data, found);
                }
            }
            _ => {}
        }
    }
    let properties = primary_properties(meta);
    let rotation = properties.iter().find(|(kind, _)| kind == b"irot").and_then(|(_, data)| data.first());
    // Readers turn the picture by this, whatever EXIF says; its angle counts against the clock.
    if let Some(angle) = rotation {
        found.metadata.orientation = Some([1, 8, 3, 6][usize::from(angle & 3)]);
    }
    let size = properties.iter().find(|(kind, _)| kind == b"ispe").map(|(_, data)| (u32_at(data, 4), u32_at(data, 8)));
    let Some((Some(width), Some(height))) = size else {
        return Err(Fault::malformed("the picture says no size"));
    };
    (found.metadata.width, found.metadata.height) = (Some(width), Some(height));
    Ok(())
}

/// The EXIF block, if there is one.
pub fn exif_block(bytes: &[u8]) -> Option<Vec<u8>> {
    let meta = meta(bytes)?;
    let (id, _) = items(meta).into_iter().find(|(_, kind)| kind == b"Exif")?;
    exif_of(&item(bytes, meta, id)).map(<[u8]>::to_vec)
}

/// The item begins with how far behind its own length the block lies.
fn exif_of(item: &[u8]) -> Option<&[u8]> {
    let offset = usize::try_from(u32_at(item, 0)?).ok()?;
    item.get(offset.checked_add(4)?..).filter(|block| !block.is_empty())
}

fn meta(bytes: &[u8]) -> Option<&[u8]> {
    // Version and flags come before the boxes inside.
    boxes::find(bytes, b"meta")?.get(4..)
}

fn items(meta: &[u8]) -> Vec<(u32, [u8; 4])> {
    let Some(iinf) = boxes::find(meta, b"iinf") else { return Vec::new() };
    let head = if iinf.first() == Some(&0) { 6 } else { 8 };
    let entries = boxes::walk(iinf.get(head..).unwrap_or_default()).take(MOST_ITEMS);
    entries
        .filter_map(|(kind, data)| {
            let (id, at) = match (&kind, data.first()?) {
                (b"infe", 2) => (u32::from(u16_at(data, 4)?), 8),
                (b"infe", 3) => (u32_at(data, 4)?, 10),
                _ => return None,
            };
            Some((id, data.get(at..at + 4)?.try_into().ok()?))
        })
        .collect()
}

fn primary_properties(meta: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let all: Vec<([u8; 4], &[u8])> =
        boxes::descend(meta, &[b"iprp", b"ipco"]).map(|ipco| boxes::walk(ipco).collect()).unwrap_or_default();
    let primary = boxes::find(meta, b"pitm").and_then(|pitm| match pitm.first()? {
        0 => u16_at(pitm, 4).map(u32::from),
        _ => u32_at(pitm, 4),
    });
    let indices = primary.and_then(|id| associations(boxes::descend(meta, &[b"iprp", b"ipma"])?, id));
    match indices {
        Some(indices) => indices.iter().filter_map(|index| all.get(index.checked_sub(1)?).copied()).collect(),
        None => all,
    }
}

/// The properties of one item, counted from one.
fn associations(ipma: &[u8], wanted: u32) -> Option<Vec<usize>> {
    let (version, is_wide) = (*ipma.first()?, ipma.get(3)? & 1 == 1);
    let mut at = 8;
    for _ in 0..u32_at(ipma, 4)? {
        let id = if version == 0 { u32::from(u16_at(ipma, at)?) } else { u32_at(ipma, at)? };
        at += if version == 0 { 2 } else { 4 };
        let count = usize::from(*ipma.get(at)?);
        let size = if is_wide { 2 } else { 1 };
        if id == wanted {
            // The highest bit says that the property is essential.
            let mask = if is_wide { 0x7fff } else { 0x7f };
            let index = |number| Some(usize::try_from(sized_at(ipma, at + 1 + number * size, size)?).ok()? & mask);
            return Some((0..count).map_while(index).collect());
        }
        at += 1 + count * size;
    }
    None
}

/// An item's bytes, put together from where they lie.
fn item(file: &[u8], meta: &[u8], wanted: u32) -> Vec<u8> {
    let mut data = Vec::new();
    for (is_inside, from, length) in
        boxes::find(meta, b"iloc").and_then(|iloc| places(iloc, wanted)).unwrap_or_default()
    {
        let from_bytes = if is_inside { boxes::find(meta, b"idat").unwrap_or_default() } else { file };
        let (Ok(from), Ok(length)) = (usize::try_from(from), usize::try_from(length)) else { break };
        let end = if length == 0 { from_bytes.len() } else { from.saturating_add(length).min(from_bytes.len()) };
        data.extend_from_slice(from_bytes.get(from..end).unwrap_or_default());
        if data.len() > LONGEST {
            break;
        }
    }
    data.truncate(LONGEST);
    data
}

fn places(iloc: &[u8], wanted: u32) -> Option<Vec<(bool, u64, u64)>> {
    let version = *iloc.first()?;
    let sizes = u16_at(iloc, 4)?;
    let size = |shift: u16| usize::from(sizes >> shift & 0xf);
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version == 0 { 0 } else { size(0) };
    let id_size = if version < 2 { 2 } else { 4 };
    let count = sized_at(iloc, 6, id_size)?;
    let mut at = 6 + id_size;
    for _ in 0..count {
        let id = sized_at(iloc, at, id_size)?;
        at += id_size;
        let mut is_inside = false;
        if version > 0 {
            is_inside = u16_at(iloc, at)? & 0xf == 1;
            at += 2;
        }
        let base = sized_at(iloc, at + 2, base_size)?;
        let extents = usize::from(u16_at(iloc, at + 2 + base_size)?);
        at += 4 + base_size;
        let step = index_size + offset_size + length_size;
        if id == u64::from(wanted) {
            let place = |number: usize| {
                let from = at + number * step + index_size;
                let offset = base.checked_add(sized_at(iloc, from, offset_size)?)?;
                Some((is_inside, offset, sized_at(iloc, from + offset_size, length_size)?))
            };
            return Some((0..extents).map_while(place).collect());
        }
        at += extents * step;
    }
    None
}
