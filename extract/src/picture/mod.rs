//! A picture of a file: its own, its first page, or its cover, made small. Metadata never comes along.
//! Each reader gives a `Canvas`; `shrink` makes the sizes that are served of it.

mod canvas;
mod colour;
mod embedded;
mod package;
mod page;
mod psd;
mod raster;
#[cfg(test)]
pub(crate) mod samples;
mod shrink;
mod svg;

use serde::{Deserialize, Serialize};

use crate::{
    Fault, Outcome, Source,
    detect::{self, Format},
    media,
};
use canvas::Canvas;

/// The longest side, in pixels, of the two sizes kept.
pub const SIZES: [u32; 2] = [512, 128];

/// One picture, ready to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub info: Info,
    pub bytes: Vec<u8>,
}

/// What a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// `image/jpeg`, or `image/webp` where there is transparency.
    pub mime_type: String,
    pub width: u32,
    pub height: u32,
}

/// Draws a file with its longest side at most each of `sizes`, in their order; never larger than it is.
///
/// # Errors
/// `Unsupported` where nothing here draws this kind of file, and the outcomes of reading.
pub fn draw(source: &Source, sizes: &[u32]) -> Result<Vec<Picture>, Fault> {
    draw_as(source, detect::format(source), sizes)
}

/// The same for a file whose format is known.
///
/// # Errors
/// As `draw`.
pub fn draw_as(source: &Source, format: Format, sizes: &[u32]) -> Result<Vec<Picture>, Fault> {
    shrink::all(canvas(source, format, sizes)?, sizes)
}

fn canvas(source: &Source, format: Format, sizes: &[u32]) -> Result<Canvas, Fault> {
    let bytes = source.bytes.as_slice();
    let longest = sizes.iter().copied().max().unwrap_or(1);
    match format {
        Format::Jpeg | Format::Png | Format::Gif | Format::Webp | Format::Tiff | Format::Bmp | Format::Raster => {
            raster::read(bytes, format, source.name.as_deref()).or_else(|fault| brought_along(bytes, format, fault))
        }
        Format::Svg => svg::read(bytes, longest),
        Format::Pdf => page::read(&source.bytes, longest),
        Format::Raw => embedded::raw(bytes),
        Format::Heif | Format::Avif => embedded::heif(bytes),
        Format::Psd => psd::read(bytes),
        Format::Audio => embedded::cover(bytes),
        Format::Video => embedded::cover(bytes),
        Format::SealedOffice => Err(Fault::encrypted()),
        Format::Docx | Format::Xlsx | Format::Pptx | Format::Odt | Format::Ods | Format::Odp | Format::Epub => {
            package::read(bytes, format)
        }
        _ => Err(undrawn()),
    }
}

/// A picture too large or too odd to decode may have a thumbnail; without one, the first fault stands.
fn brought_along(bytes: &[u8], format: Format, fault: Fault) -> Result<Canvas, Fault> {
    let thumbnail = match format {
        Format::Jpeg => media::jpeg::exif_block(bytes).and_then(|block| embedded::exif(block).ok()),
        Format::Tiff => embedded::raw(bytes).ok(),
        _ => None,
    };
    thumbnail.ok_or(fault)
}

fn undrawn() -> Fault {
    Fault::new(Outcome::Unsupported, "nothing here draws this kind of file")
}
