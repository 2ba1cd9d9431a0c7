//! Pictures that bring a smaller one along: cameras' raw files, what only a tool could decode, and covers of sounds.

use std::io::Cursor;

use image::metadata::Orientation;
use lofty::{
    config::{ParseOptions, ParsingMode},
    file::TaggedFileExt,
    picture::PictureType,
    probe::Probe,
};

use super::{Canvas, raster, undrawn};
use crate::{Fault, media};

/// The biggest JPEG in a camera's file, the way up that the camera says.
///
/// # Errors
/// `Unsupported` where there is none.
pub fn raw(bytes: &[u8]) -> Result<Canvas, Fault> {
    let (jpeg, orientation) = media::raw::biggest_jpeg(bytes).ok_or_else(undrawn)?;
    let mut canvas = raster::any(jpeg)?;
    // The preview's own word goes before that of the file around it.
    if canvas.orientation == Orientation::NoTransforms
        && let Some(orientation) = orientation.and_then(Orientation::from_exif)
    {
        canvas.orientation = orientation;
    }
    Ok(canvas)
}

/// The thumbnail inside a block of EXIF.
///
/// # Errors
/// `Unsupported` where there is none.
pub fn exif(block: &[u8]) -> Result<Canvas, Fault> {
    raw(block).map_err(|_| undrawn())
}

/// HEIF and AVIF keep a thumbnail that can be decoded only in their EXIF.
///
/// # Errors
/// `Unsupported` where there is none.
pub fn heif(bytes: &[u8]) -> Result<Canvas, Fault> {
    exif(&media::heif::exif_block(bytes).ok_or_else(undrawn)?)
}

/// The front cover of a sound, else its first picture.
///
/// # Errors
/// `Unsupported` where there is none.
pub fn cover(bytes: &[u8]) -> Result<Canvas, Fault> {
    let options = ParseOptions::new().read_properties(false).parsing_mode(ParsingMode::Relaxed);
    let file = Probe::new(Cursor::new(bytes))
        .options(options)
        .guess_file_type()
        .map_err(|_| undrawn())?
        .read()
        .map_err(|_| undrawn())?;
    let pictures: Vec<_> = file.tags().iter().flat_map(|tag| tag.pictures()).collect();
    let front = pictures.iter().find(|picture| picture.pic_type() == PictureType::CoverFront);
    let picture = front.or(pictures.first()).ok_or_else(undrawn)?;
    raster::any(picture.data())
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use crate::{
        Outcome,
        detect::Format,
        media::tests::{make, pictures},
        picture::{draw_as, samples},
    };

    #[test]
    fn a_raw_file_shows_its_biggest_preview_the_way_up_it_was_taken() {
        let preview = samples::corners(320, 240, ImageFormat::Jpeg);
        for file in [pictures::raw(&preview), pictures::canon(&preview)] {
            let picture = &draw_as(&samples::source(file), Format::Raw, &[512]).unwrap()[0];
            assert_eq!((picture.info.width, picture.info.height), (240, 320));
            assert_eq!(samples::corner_names(&picture.bytes), "blue red white green");
        }
    }

    #[test]
    fn a_fujifilm_file_shows_the_preview_it_points_to() {
        let preview = samples::oriented_jpeg(3);
        let mut raf = b"FUJIFILMCCD-RAW ".to_vec();
        raf.resize(84, 0);
        raf.extend(make::longs(&[92, u32::try_from(preview.len()).unwrap()]));
        raf.extend(&preview);
        let picture = &draw_as(&samples::source(raf), Format::Raw, &[512]).unwrap()[0];
        assert_eq!(samples::corner_names(&picture.bytes), "white blue green red");
    }

    #[test]
    fn a_picture_too_large_to_decode_shows_its_thumbnail() {
        let small = samples::corners(160, 120, ImageFormat::Jpeg);
        let length = u32::try_from(small.len()).unwrap();
        let block = make::tiff(&[(0x0201, make::Value::Piece(&small)), (0x0202, make::Value::Long(length))]);
        // The header of a picture of 60 000 by 60 000.
        let frame = make::segment(0xc0, &[8, 0xea, 0x60, 0xea, 0x60, 1, 1, 0x11, 0]);
        let large = [&[0xff, 0xd8][..], &frame, &[0xff, 0xd9]].concat();
        let draw = |bytes: Vec<u8>| draw_as(&samples::source(bytes), Format::Jpeg, &[512]);
        assert_ne!(draw(large.clone()).unwrap_err().outcome, Outcome::Unsupported);
        let picture = &draw(samples::with_exif(&large, &block)).unwrap()[0];
        assert_eq!((picture.info.width, picture.info.height), (160, 120));
        assert_eq!(samples::corner_names(&picture.bytes), "red green blue white");
    }

    #[test]
    fn what_brings_nothing_along_says_so() {
        for format in [Format::Raw, Format::Heif, Format::Avif, Format::Audio, Format::Video] {
            let fault = draw_as(&samples::source(b"II\x2a\0\x08\0\0\0\0\0".to_vec()), format, &[512]).unwrap_err();
            assert_eq!(fault.outcome, Outcome::Unsupported, "{format:?}");
        }
    }
}
