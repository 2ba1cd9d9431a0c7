//! Photoshop's own files, and the resources that Photoshop leaves in others'.

use super::{
    Found,
    boxes::{u16_at, u32_at},
    exif, iptc, xmp,
};
use crate::Fault;

pub const IPTC: u16 = 0x0404;
const THUMBNAIL: u16 = 0x040c;
const EXIF: u16 = 0x0422;
const XMP: u16 = 0x0424;
const MOST_RESOURCES: usize = 1_000;

/// Reads size and the blocks among the resources.
///
/// # Errors
/// `Malformed` where the header is not Photoshop's.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    let size = bytes.starts_with(b"8BPS").then(|| (u32_at(bytes, 18), u32_at(bytes, 14)));
    let Some((Some(width), Some(height))) = size else { return Err(Fault::malformed("the file has no header")) };
    (found.metadata.width, found.metadata.height) = (Some(width), Some(height));
    for (id, data) in resources(section(bytes).unwrap_or_default()) {
        match id {
            IPTC => iptc::read(data, found),
            EXIF => exif::read(data, found),
            XMP => xmp::read(data, found),
            _ => {}
        }
    }
    Ok(())
}

/// The JPEG that Photoshop keeps for showing.
pub fn thumbnail(bytes: &[u8]) -> Option<&[u8]> {
    let (_, data) = resources(section(bytes)?).find(|(id, _)| *id == THUMBNAIL)?;
    // Its format, where 1 is JPEG, comes first, and six more numbers.
    if u32_at(data, 0)? == 1 { data.get(28..) } else { None }
}

/// Where the pixels of the flattened picture begin: behind the colours, the resources and the layers.
pub fn pixels(bytes: &[u8]) -> Option<&[u8]> {
    // Large documents write the length of their layers in eight bytes.
    let is_large = u16_at(bytes, 4)? == 2;
    let after = after_resources(bytes)?;
    let layers = if is_large { super::boxes::u64_at(bytes, after)? } else { u64::from(u32_at(bytes, after)?) };
    let head = if is_large { 8 } else { 4 };
    bytes.get(after.checked_add(head)?.checked_add(usize::try_from(layers).ok()?)?..)
}

fn resources_at(bytes: &[u8]) -> Option<(usize, usize)> {
    let colours = usize::try_from(u32_at(bytes, 26)?).ok()?;
    let at = colours.checked_add(30)?;
    Some((at.checked_add(4)?, usize::try_from(u32_at(bytes, at)?).ok()?))
}

fn after_resources(bytes: &[u8]) -> Option<usize> {
    let (at, length) = resources_at(bytes)?;
    at.checked_add(length)
}

fn section(bytes: &[u8]) -> Option<&[u8]> {
    let (at, length) = resources_at(bytes)?;
    bytes.get(at..at.checked_add(length)?.min(bytes.len()))
}

/// The resources of a block, by number.
pub fn resources(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        rest = rest.strip_prefix(b"8BIM")?;
        let id = u16_at(rest, 0)?;
        // Names and data are filled up to an even length.
        let name = (usize::from(*rest.get(2)?) + 2) & !1;
        let length = usize::try_from(u32_at(rest, 2 + name)?).ok()?;
        let from = 6 + name;
        let data = rest.get(from..from.checked_add(length)?)?;
        rest = rest.get(from + length + (length & 1)..).unwrap_or_default();
        Some((id, data))
    })
    .take(MOST_RESOURCES)
}
