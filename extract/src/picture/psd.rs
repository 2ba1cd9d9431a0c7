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

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use crate::{
        Outcome,
        detect::Format,
        media::tests::make::longs,
        picture::{draw_as, samples},
    };

    fn psd(channels: u8, mode: u8, resources: &[u8], pixels: &[u8]) -> Vec<u8> {
        let head = [b"8BPS\0\x01\0\0\0\0\0\0\0".as_slice(), &[channels], &longs(&[48, 64]), &[0, 8, 0, mode]].concat();
        [&head, &longs(&[0, u32::try_from(resources.len()).unwrap()])[..], resources, &longs(&[0]), pixels].concat()
    }

    fn planes() -> Vec<u8> {
        let image = samples::cornered(64, 48);
        (0..3).flat_map(|channel| image.pixels().map(move |pixel| pixel[channel]).collect::<Vec<u8>>()).collect()
    }

    fn corners(bytes: Vec<u8>) -> String {
        samples::corner_names(&draw_as(&samples::source(bytes), Format::Psd, &[512]).unwrap()[0].bytes)
    }

    #[test]
    fn plain_and_packed_pixels_are_drawn() {
        assert_eq!(corners(psd(3, 3, &[], &[&[0, 0], &planes()[..]].concat())), "red green blue white");
        // Each row of 64 in two runs of 32.
        let rows: Vec<u8> = planes().chunks(64).flat_map(|row| [225, row[0], 225, row[63]]).collect();
        let packed = [&[0, 1], &[0, 4].repeat(48 * 3)[..], &rows].concat();
        assert_eq!(corners(psd(3, 3, &[], &packed)), "red green blue white");
    }

    #[test]
    fn what_is_stored_in_another_way_shows_its_thumbnail() {
        let jpeg = samples::corners(40, 30, ImageFormat::Jpeg);
        let thumbnail = [longs(&[1, 40, 30, 120, 3_600, 0, 0x18_0001]), jpeg].concat();
        let resource =
            [b"8BIM\x04\x0c\0\0".as_slice(), &longs(&[u32::try_from(thumbnail.len()).unwrap()]), &thumbnail].concat();
        assert_eq!(corners(psd(4, 4, &resource, &[])), "red green blue white");
        let fault = draw_as(&samples::source(psd(4, 4, &[], &[])), Format::Psd, &[512]).unwrap_err();
        assert_eq!(fault.outcome, Outcome::Unsupported);
    }
}
