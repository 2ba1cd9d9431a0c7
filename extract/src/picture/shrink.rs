//! From pixels to what is served: made small with alpha premultiplied, turned upright, encoded without a word of metadata.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage, RgbaImage, codecs};

use super::{Canvas, Info, Picture, colour};
use crate::Fault;

const QUALITY: u8 = 82;

/// One picture a size, in the order of `sizes`.
///
/// # Errors
/// `Malformed` where the pixels cannot be encoded.
pub fn all(canvas: Canvas, sizes: &[u32]) -> Result<Vec<Picture>, Fault> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(sizes[*index]));
    let mut pictures = vec![None; sizes.len()];
    // The largest first, and each from the one before: the full picture is walked through once only.
    let mut canvas = canvas;
    for index in order {
        canvas = shrink(canvas, sizes[index])?;
        if let Some(profile) = canvas.profile.take() {
            colour::to_srgb(&mut canvas.pixels, canvas.has_alpha, &profile);
        }
        pictures[index] = Some(encode(&canvas)?);
    }
    Ok(pictures.into_iter().flatten().collect())
}

/// The size with its longest side at most `longest`, in the same shape.
pub fn fit(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let side = width.max(height).max(1);
    if side <= longest {
        return (width.max(1), height.max(1));
    }
    let scaled = |length: u32| {
        let length = (u64::from(length) * u64::from(longest) + u64::from(side) / 2) / u64::from(side);
        u32::try_from(length).unwrap_or(longest).max(1)
    };
    (scaled(width), scaled(height))
}

fn shrink(canvas: Canvas, longest: u32) -> Result<Canvas, Fault> {
    let (width, height) = fit(canvas.width, canvas.height, longest);
    if (width, height) == (canvas.width, canvas.height) {
        return Ok(canvas);
    }
    // The fine filter looks at hundreds of pixels for one where much is left out: a mean of squares goes before it.
    let (near_width, near_height) = (width.saturating_mul(2), height.saturating_mul(2));
    let canvas = match canvas.width > near_width * 2 && canvas.height > near_height {
        true => filtered(canvas, near_width, near_height, FilterType::Box)?,
        false => canvas,
    };
    filtered(canvas, width, height, FilterType::Lanczos3)
}

fn filtered(canvas: Canvas, width: u32, height: u32, filter: FilterType) -> Result<Canvas, Fault> {
    let kind = if canvas.has_alpha { PixelType::U8x4 } else { PixelType::U8x3 };
    let from = ImageRef::new(canvas.width, canvas.height, &canvas.pixels, kind).map_err(unfit)?;
    let mut to = Image::new(width, height, kind);
    // `use_alpha` premultiplies: without it, the colour of what is invisible darkens every edge.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(canvas.has_alpha);
    Resizer::new().resize(&from, &mut to, &options).map_err(unfit)?;
    Ok(Canvas { width, height, pixels: to.into_vec(), ..canvas })
}

fn encode(canvas: &Canvas) -> Result<Picture, Fault> {
    let (width, height, pixels) = (canvas.width, canvas.height, canvas.pixels.clone());
    let image = match canvas.has_alpha {
        true => RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from),
        false => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    };
    let mut image = image.ok_or_else(|| unfit("pixels do not fill the picture"))?;
    image.apply_orientation(canvas.orientation);
    let mut bytes = Vec::new();
    let (width, height) = (image.width(), image.height());
    let mime_type = if canvas.is_transparent() {
        codecs::webp::WebPEncoder::new_lossless(&mut bytes)
            .write_image(image.into_rgba8().as_raw(), width, height, ExtendedColorType::Rgba8)
            .map_err(unfit)?;
        "image/webp"
    } else {
        codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, QUALITY)
            .write_image(image.into_rgb8().as_raw(), width, height, ExtendedColorType::Rgb8)
            .map_err(unfit)?;
        "image/jpeg"
    };
    Ok(Picture { info: Info { mime_type: mime_type.to_owned(), width, height }, bytes })
}

fn unfit(_: impl std::fmt::Display) -> Fault {
    Fault::malformed("the picture cannot be made small")
}

#[cfg(test)]
mod tests {
    use image::{Rgba, metadata::Orientation};

    use super::*;
    use crate::{
        detect::Format,
        picture::{draw_as, samples},
    };

    #[test]
    fn nothing_is_made_larger_and_nothing_vanishes() {
        assert_eq!(fit(100, 50, 512), (100, 50));
        assert_eq!(fit(1024, 512, 512), (512, 256));
        assert_eq!(fit(30_000, 3, 128), (128, 1));
        assert_eq!(fit(u32::MAX, u32::MAX, 512), (512, 512));
        let source = samples::source(samples::corners(40, 30, image::ImageFormat::Png));
        let picture = &draw_as(&source, Format::Png, &[512]).unwrap()[0];
        assert_eq!((picture.info.width, picture.info.height), (40, 30));
    }

    #[test]
    fn sizes_come_back_in_the_order_they_were_asked_for() {
        let source = samples::source(samples::corners(640, 480, image::ImageFormat::Png));
        let widths = |sizes: &[u32]| -> Vec<u32> {
            draw_as(&source, Format::Png, sizes).unwrap().iter().map(|picture| picture.info.width).collect()
        };
        assert_eq!(widths(&[64, 512, 128]), [64, 512, 128]);
        assert_eq!(widths(&[]), [0u32; 0]);
    }

    #[test]
    fn transparent_pictures_become_webp_and_their_edges_do_not_darken() {
        // White on the left; on the right black that nobody sees.
        let image = RgbaImage::from_fn(600, 600, |x, _| if x < 301 { Rgba([255; 4]) } else { Rgba([0; 4]) });
        let canvas = Canvas::new(image.into(), Orientation::NoTransforms).unwrap();
        let picture = all(canvas, &[128]).unwrap().remove(0);
        assert_eq!(picture.info.mime_type, "image/webp");
        let small = image::load_from_memory(&picture.bytes).unwrap().into_rgba8();
        for pixel in small.pixels().filter(|pixel| pixel[3] > 0) {
            assert!(pixel[0] > 250, "an edge of {pixel:?}");
        }
    }

    #[test]
    fn alpha_that_hides_nothing_becomes_jpeg() {
        let image = RgbaImage::from_pixel(64, 64, Rgba([10, 20, 30, 255]));
        let canvas = Canvas::new(image.into(), Orientation::NoTransforms).unwrap();
        assert_eq!(all(canvas, &[32]).unwrap()[0].info.mime_type, "image/jpeg");
    }

    #[test]
    fn metadata_stays_behind() {
        let bytes = samples::oriented_jpeg(6);
        assert!(samples::holds(&bytes, b"Exif") && samples::holds(&bytes, b"HawserTest"));
        let picture = &draw_as(&samples::source(bytes), Format::Jpeg, &[512]).unwrap()[0];
        assert!(!samples::holds(&picture.bytes, b"Exif") && !samples::holds(&picture.bytes, b"HawserTest"));
    }
}
