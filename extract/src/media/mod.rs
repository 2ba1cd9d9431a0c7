//! What pictures, sounds and films say of themselves. Most have no text but titles, captions and comments; those are
//! poured out too, so that they can be searched.

pub(crate) mod boxes;
mod canon;
mod exif;
mod found;
mod frames;
mod gps;
pub(crate) mod heif;
pub(crate) mod ifd;
mod iptc;
pub(crate) mod jpeg;
mod matroska;
mod mp4;
mod png;
pub(crate) mod psd;
mod raster;
pub(crate) mod raw;
mod riff;
mod sound;
pub(crate) mod svg;
mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod when;
mod xmp;

pub(crate) use found::{Found, fill};
pub(crate) use gps::{from_iso6709, place};
pub(crate) use when::rfc3339;

use crate::{
    Fault, Outcome, Source,
    detect::Format,
    text::{Reading, Stop},
};

/// Reads one file's metadata, and pours the words in it.
///
/// # Errors
/// `Unsupported` and `Malformed`; `Stop::Full` when no more words are wanted.
pub fn read(source: &Source, format: Format, into: &mut Reading) -> Result<(), Stop> {
    let bytes = source.bytes.as_slice();
    let mut found = Found::default();
    let read = match format {
        Format::Jpeg => jpeg::read(bytes, &mut found),
        Format::Png => png::read(bytes, &mut found),
        Format::Gif | Format::Webp | Format::Bmp | Format::Raster => raster::read(source, format, &mut found),
        Format::Tiff | Format::Raw => raw::read(bytes, &mut found),
        Format::Heif | Format::Avif => heif::read(bytes, &mut found),
        Format::Psd => psd::read(bytes, &mut found),
        Format::Svg => svg::read(bytes, &mut found),
        Format::Audio => sound::read(bytes, &mut found),
        Format::Video => film(bytes, &mut found),
        _ => Err(Fault::new(Outcome::Unsupported, "nothing here reads this kind of file")),
    };
    // What was found before a fault is kept, and the fault still told.
    found.pour(into)?;
    Ok(read?)
}

fn film(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    if mp4::is_mp4(bytes) {
        mp4::read(bytes, found)
    } else if matroska::is_matroska(bytes) {
        matroska::read(bytes, found)
    } else if riff::is_avi(bytes) {
        riff::read_avi(bytes, found)
    } else {
        // Ogg and others may hold sounds only.
        sound::read(bytes, found)
    }
}
