//! Colours as screens without a profile show them: what a picture says of its colours is applied, then left behind.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// The longest profile that is read.
const LONGEST: usize = 4 << 20;

/// A profile worth applying: one for red, green and blue. Others belong to pixels that the decoder has turned into these.
pub fn profile(icc: Option<Vec<u8>>) -> Option<Box<ColorProfile>> {
    let icc = icc.filter(|icc| icc.len() <= LONGEST)?;
    let profile = ColorProfile::new_from_slice(&icc).ok()?;
    (profile.color_space == DataColorSpace::Rgb).then(|| Box::new(profile))
}

/// Turns pixels into sRGB. A profile that cannot be applied leaves them as they are.
pub fn to_srgb(pixels: &mut Vec<u8>, has_alpha: bool, profile: &ColorProfile) {
    let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let transform =
        profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, TransformOptions::default());
    let mut turned = vec![0; pixels.len()];
    if let Ok(transform) = transform
        && transform.transform(pixels, &mut turned).is_ok()
    {
        *pixels = turned;
    }
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
    use moxcms::ColorProfile;

    use crate::{
        detect::Format,
        picture::{draw_as, samples},
    };

    fn shown(icc: Vec<u8>) -> [u8; 3] {
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_icc_profile(icc).unwrap();
        encoder.write_image(&[200, 100, 100].repeat(64 * 64), 64, 64, ExtendedColorType::Rgb8).unwrap();
        let picture = draw_as(&samples::source(png), Format::Png, &[32]).unwrap().remove(0);
        assert!(!samples::holds(&picture.bytes, b"ICC_PROFILE"));
        image::load_from_memory(&picture.bytes).unwrap().into_rgb8().get_pixel(16, 16).0
    }

    #[test]
    fn wide_colours_are_turned_into_those_every_screen_shows() {
        let [red, green, _] = shown(ColorProfile::new_display_p3().encode().unwrap());
        assert!(red > 207 && green < 98, "{red} {green}");
        let plain = shown(ColorProfile::new_srgb().encode().unwrap());
        assert!(plain.iter().zip([200, 100, 100]).all(|(a, b)| a.abs_diff(b) <= 2), "{plain:?}");
    }

    #[test]
    fn a_broken_profile_changes_nothing() {
        let shown = shown(b"not a profile at all".to_vec());
        assert!(shown.iter().zip([200, 100, 100]).all(|(a, b)| a.abs_diff(b) <= 2), "{shown:?}");
    }
}
