//! Photoshop's files: the flattened picture behind the layers where its pixels are plain, else the thumbnail they keep.

use super::{Canvas, raster, undrawn};
use crate::{
    Fault,
    media::{
        boxes::{u16_at, u32_at},
        psd,
    },
};

/// Decodes the flattened picture, or else the thumbnail.
///
/// # Errors
/// `Unsupported` where there is neither; `TooLarge` for too many pixels and no thumbnail.
pub fn read(bytes: &[u8]) -> Result<Canvas, Fault> {
    let flat = flat(bytes);
    match flat {
        Ok(Some(canvas)) => Ok(canvas),
        other => match psd::thumbnail(bytes).and_then(|jpeg| raster::any(jpeg).ok()) {
            Some(canvas) => Ok(canvas),
            None => Err(other.err().unwrap_or_else(undrawn)),
        },
    }
}

/// Eight bits a channel, RGB or grey, plain or packed; nothing where it is stored in any other way.
fn flat(bytes: &[u8]) -> Result<Option<Canvas>, Fault> {
    let Some((width, height)) = u32_at(bytes, 18).zip(u32_at(bytes, 14)) else { return Ok(None) };
    raster::check(width, height)?;
    let colours = match (u16_at(bytes, 22), u16_at(bytes, 24), u16_at(bytes, 12)) {
        (Some(8), Some(3), Some(3..)) => 3,
        (Some(8), Some(1), Some(1..)) => 1,
        _ => return Ok(None),
    };
    let Some(data) = psd::pixels(bytes) else { return Ok(None) };
    let area = width as usize * height as usize;
    let planes = match u16_at(data, 0) {
        Some(0) => data.get(2..2 + area * colours).map(<[u8]>::to_vec),
        Some(1) => unpacked(bytes, data, width as usize, height as usize, colours),
        _ => None,
    };
    let Some(planes) = planes else { return Ok(None) };
    let mut pixels = Vec::with_capacity(area * 3);
    for at in 0..area {
        let plane = |index: usize| planes[at + area * index.min(colours - 1)];
        pixels.extend([plane(0), plane(1), plane(2)]);
    }
    Canvas::from_rgb(width, height, pixels).map(Some)
}

/// Rows packed by runs: the length of every row of every channel comes first.
fn unpacked(bytes: &[u8], data: &[u8], width: usize, height: usize, colours: usize) -> Option<Vec<u8>> {
    let channels = usize::from(u16_at(bytes, 12)?);
    let size = if u16_at(bytes, 4)? == 2 { 4 } else { 2 };
    let length = |row: usize| match size {
        2 => u16_at(data, 2 + row * 2).map(usize::from),
        _ => usize::try_from(u32_at(data, 2 + row * 4)?).ok(),
    };
    let mut at = 2 + channels * height * size;
    let mut planes = Vec::new();
    for row in 0..height * colours {
        let end = at.checked_add(length(row)?)?;
        let mut packed = data.get(at..end)?;
        let full = (row + 1) * width;
        while planes.len() < full {
            let (head, rest) = packed.split_first()?;
            let count = usize::from(*head);
            if count < 128 {
                planes.extend_from_slice(rest.get(..=count)?);
                packed = &rest[count + 1..];
            } else if count > 128 {
                planes.extend(std::iter::repeat_n(*rest.first()?, 257 - count));
                packed = &rest[1..];
            } else {
                packed = rest;
            }
        }
        planes.truncate(full);
        at = end;
    }
    Some(planes)
}
