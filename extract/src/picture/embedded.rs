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
