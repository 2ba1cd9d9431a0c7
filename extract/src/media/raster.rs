//! Pictures that say little of themselves: their size, and for WebP the blocks it may carry.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};

use super::{Found, exif, xmp};
use crate::{Fault, Outcome, Source, detect::Format};

/// Reads the size, and EXIF and XMP where there are.
///
/// # Errors
/// `Malformed` and `Unsupported` as the decoder says.
pub fn read(source: &Source, format: Format, found: &mut Found) -> Result<(), Fault> {
    let bytes = source.bytes.as_slice();
    if format == Format::Webp {
        webp(bytes, found);
    }
    let kind = match format {
        Format::Gif => Some(ImageFormat::Gif),
        Format::Webp => Some(ImageFormat::WebP),
        Format::Bmp => Some(ImageFormat::Bmp),
        _ => image::guess_format(bytes).ok().or_else(|| ImageFormat::from_path(source.name.as_ref()?).ok()),
    };
    let kind = kind.ok_or_else(|| Fault::new(Outcome::Unsupported, "nothing here reads this kind of picture"))?;
    let size = ImageReader::with_format(Cursor::new(bytes), kind).into_dimensions();
    let (width, height) = size.map_err(|_| Fault::malformed("the picture says no size"))?;
    (found.metadata.width, found.metadata.height) = (Some(width), Some(height));
    Ok(())
}

fn webp(bytes: &[u8], found: &mut Found) {
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((kind, length)) = rest.get(..4).zip(rest.get(4..8).and_then(|length| length.try_into().ok())) {
        let Ok(length) = usize::try_from(u32::from_le_bytes(length)) else { break };
        let Some(data) = rest.get(8..8usize.saturating_add(length)) else { break };
        match kind {
            b"EXIF" => exif::read(data.strip_prefix(b"Exif\0\0").unwrap_or(data), found),
            b"XMP " => xmp::read(data, found),
            _ => {}
        }
        rest = rest.get(8 + length + (length & 1)..).unwrap_or_default();
    }
}
