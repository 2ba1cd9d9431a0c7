//! Pictures made of pixels, through the general decoder. What a picture would take in memory is reckoned before a
//! pixel is decoded, because a small file may claim gigapixels.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation};

use super::{Canvas, colour};
use crate::{Fault, Outcome, detect::Format};

/// The longest side that is decoded.
pub const MAX_SIDE: u32 = 30_000;
/// What all pixels may take, at four bytes each.
pub const MAX_BYTES: u64 = 256 << 20;

/// Decodes the first frame.
///
/// # Errors
/// `TooLarge` before decoding; `Malformed` and `Unsupported` as the decoder says.
pub fn read(bytes: &[u8], format: Format, name: Option<&str>) -> Result<Canvas, Fault> {
    let format = kind(bytes, format, name)
        .ok_or_else(|| Fault::new(Outcome::Unsupported, "nothing here decodes this kind of picture"))?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    check(width, height)?;
    // A broken orientation is no reason to show nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = colour::profile(decoder.icc_profile().ok().flatten());
    let image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    let profile = profile.filter(|_| image.color().has_color());
    Ok(Canvas { profile, ..Canvas::new(image, orientation)? })
}

/// Decodes a picture that lies in another file, whatever it is called there.
///
/// # Errors
/// As `read`.
pub fn any(bytes: &[u8]) -> Result<Canvas, Fault> {
    read(bytes, Format::Raster, None)
}

/// Whether a picture says a size that would be decoded.
pub fn fits(bytes: &[u8]) -> bool {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    size.is_some_and(|(width, height)| check(width, height).is_ok())
}

/// Refuses what would not fit.
///
/// # Errors
/// `TooLarge`; `Malformed` for no pixels at all.
pub fn check(width: u32, height: u32) -> Result<(), Fault> {
    if width == 0 || height == 0 {
        return Err(Fault::malformed("the picture has no pixels"));
    }
    let is_large = width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) * 4 > MAX_BYTES;
    if is_large { Err(Fault::new(Outcome::TooLarge, "the picture has too many pixels")) } else { Ok(()) }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

fn kind(bytes: &[u8], format: Format, name: Option<&str>) -> Option<ImageFormat> {
    match format {
        Format::Jpeg => Some(ImageFormat::Jpeg),
        Format::Png => Some(ImageFormat::Png),
        Format::Gif => Some(ImageFormat::Gif),
        Format::Webp => Some(ImageFormat::WebP),
        Format::Tiff => Some(ImageFormat::Tiff),
        Format::Bmp => Some(ImageFormat::Bmp),
        // TGA has no mark of its own: there the name decides.
        _ => image::guess_format(bytes).ok().or_else(|| ImageFormat::from_path(name?).ok()),
    }
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::new(Outcome::TooLarge, "the picture wants more memory than it may have"),
        ImageError::Unsupported(_) => Fault::new(Outcome::Unsupported, "this variety of picture is not decoded"),
        _ => Fault::malformed("the picture cannot be decoded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{draw_as, samples};

    #[test]
    fn every_raster_format_keeps_its_corners_and_its_shape() {
        for (format, encoded) in samples::CORNERED {
            let source = samples::source(samples::corners(640, 480, encoded));
            let pictures = draw_as(&source, format, &[512, 128]).unwrap();
            assert_eq!((pictures[0].info.width, pictures[0].info.height), (512, 384), "{format:?}");
            assert_eq!((pictures[1].info.width, pictures[1].info.height), (128, 96), "{format:?}");
            for picture in &pictures {
                assert_eq!(picture.info.mime_type, "image/jpeg", "{format:?}");
                assert_eq!(samples::corner_names(&picture.bytes), "red green blue white", "{format:?}");
            }
        }
    }

    #[test]
    fn icons_and_files_known_by_name_alone_are_drawn() {
        for (name, encoded) in [("a.ico", ImageFormat::Ico), ("a.tga", ImageFormat::Tga)] {
            let mut source = samples::source(samples::corners(64, 64, encoded));
            source.name = Some(name.to_owned());
            let picture = &draw_as(&source, Format::Raster, &[512]).unwrap()[0];
            assert_eq!(samples::corner_names(&picture.bytes), "red green blue white", "{name}");
        }
    }

    #[test]
    fn a_picture_stands_as_its_orientation_says() {
        let expected = [
            "red green blue white",
            "green red white blue",
            "white blue green red",
            "blue white red green",
            "red blue green white",
            "blue red white green",
            "white green blue red",
            "green white red blue",
        ];
        for (index, corners) in expected.iter().enumerate() {
            let orientation = u16::try_from(index).unwrap() + 1;
            let source = samples::source(samples::oriented_jpeg(orientation));
            let picture = &draw_as(&source, Format::Jpeg, &[512]).unwrap()[0];
            let size = if orientation > 4 { (384, 512) } else { (512, 384) };
            assert_eq!((picture.info.width, picture.info.height), size, "orientation {orientation}");
            assert_eq!(&samples::corner_names(&picture.bytes), corners, "orientation {orientation}");
        }
    }

    #[test]
    fn a_picture_that_claims_gigapixels_is_refused_before_it_is_decoded() {
        for (width, height) in [(60_000, 60_000), (29_999, 29_999), (u32::MAX, 1)] {
            let source = samples::source(samples::png_claiming(width, height));
            let fault = draw_as(&source, Format::Png, &[512]).unwrap_err();
            assert_eq!(fault.outcome, Outcome::TooLarge, "{width}x{height}");
        }
    }

    #[test]
    fn half_a_picture_and_none_are_malformed() {
        let png = samples::corners(64, 64, ImageFormat::Png);
        for bytes in [Vec::new(), png[..20].to_vec(), png[..png.len() / 2].to_vec()] {
            let fault = draw_as(&samples::source(bytes), Format::Png, &[512]).unwrap_err();
            assert_eq!(fault.outcome, Outcome::Malformed);
        }
    }
}
