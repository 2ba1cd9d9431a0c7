//! Pixels on their way to a thumbnail: eight bits a channel, with or without alpha, and which way is up.

use image::{DynamicImage, RgbImage, metadata::Orientation};
use moxcms::ColorProfile;

use crate::Fault;

/// A decoded picture. `orientation` is still to be applied.
#[derive(Debug)]
pub struct Canvas {
    pub width: u32,
    pub height: u32,
    /// RGB, or RGBA with straight alpha.
    pub pixels: Vec<u8>,
    pub has_alpha: bool,
    pub orientation: Orientation,
    /// What the colours mean, where they are not sRGB already.
    pub profile: Option<Box<ColorProfile>>,
}

impl Canvas {
    /// Takes what a decoder gave.
    ///
    /// # Errors
    /// `Malformed` for a picture without pixels.
    pub fn new(image: DynamicImage, orientation: Orientation) -> Result<Self, Fault> {
        let (width, height) = (image.width(), image.height());
        if width == 0 || height == 0 {
            return Err(Fault::malformed("the picture has no pixels"));
        }
        let has_alpha = image.color().has_alpha();
        // Without alpha three channels do: a quarter less memory where pictures are large.
        let pixels = if has_alpha { image.into_rgba8().into_raw() } else { image.into_rgb8().into_raw() };
        Ok(Self { width, height, pixels, has_alpha, orientation, profile: None })
    }

    /// Pixels without alpha.
    ///
    /// # Errors
    /// `Malformed` where they do not fill the picture.
    pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, Fault> {
        let image = RgbImage::from_raw(width, height, pixels);
        Self::new(image.ok_or_else(|| Fault::malformed("pixels are missing"))?.into(), Orientation::NoTransforms)
    }

    /// Pixels with straight alpha.
    pub fn from_rgba(width: u32, height: u32, pixels: Vec<u8>) -> Self {
        Self { width, height, pixels, has_alpha: true, orientation: Orientation::NoTransforms, profile: None }
    }

    /// Whether anything shows through.
    pub fn is_transparent(&self) -> bool {
        self.has_alpha && self.pixels.chunks_exact(4).any(|pixel| pixel[3] < 255)
    }
}
