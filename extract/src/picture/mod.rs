//! A picture of a file: its own, its first page, or its cover, made small. Metadata never comes along.
//! Each reader gives a `Canvas`; `shrink` makes the sizes that are served of it.

mod canvas;
mod raster;
#[cfg(test)]
pub(crate) mod samples;
mod shrink;

use serde::{Deserialize, Serialize};

use crate::{
    Fault, Outcome, Source,
    detect::{self, Format},
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

fn canvas(source: &Source, format: Format, _sizes: &[u32]) -> Result<Canvas, Fault> {
    let bytes = source.bytes.as_slice();
    match format {
        Format::Jpeg | Format::Png | Format::Gif | Format::Webp | Format::Tiff | Format::Bmp | Format::Raster => {
            raster::read(bytes, format, source.name.as_deref())
        }
        _ => Err(undrawn()),
    }
}

fn undrawn() -> Fault {
    Fault::new(Outcome::Unsupported, "nothing here draws this kind of file")
}
