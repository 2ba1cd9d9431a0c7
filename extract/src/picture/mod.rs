//! A picture of a file: its own, its first page, or its cover, made small. Metadata never comes along.

use serde::{Deserialize, Serialize};

use crate::{Fault, Outcome, Source};

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

/// Draws a file with its longest side at most each of `sizes`; never larger than it is.
///
/// # Errors
/// `Unsupported` where nothing here draws this kind of file, and the outcomes of reading.
pub fn draw(_source: &Source, _sizes: &[u32]) -> Result<Vec<Picture>, Fault> {
    Err(Fault::new(Outcome::Unsupported, "nothing here draws this kind of file"))
}
