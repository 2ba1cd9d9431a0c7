//! Drawings. Nothing outside the file is ever loaded: pictures only out of `data:` URLs, letters only from the typeface
//! that is built in.

use std::sync::{Arc, OnceLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{ImageHrefResolver, ImageKind, Options, Tree, fontdb::Database},
};

use super::{Canvas, raster, shrink};
use crate::{Fault, Outcome, media};

/// The longest drawing that is read, after inflating.
const LONGEST: usize = 32 << 20;

/// Draws at the drawing's own size, or at `longest` where it is larger.
///
/// # Errors
/// `Malformed` for what is no drawing, `TooLarge` for one that unfolds to too many parts.
pub fn read(bytes: &[u8], longest: u32) -> Result<Canvas, Fault> {
    let bytes = media::svg::plain(bytes);
    if bytes.len() > LONGEST {
        return Err(too_large());
    }
    let tree = Tree::from_str(&media::svg::decoded(&bytes), &options()).map_err(|error| match error {
        resvg::usvg::Error::ElementsLimitReached => too_large(),
        _ => Fault::malformed("the drawing cannot be read"),
    })?;
    let size = tree.size().to_int_size();
    let (width, height) = shrink::fit(size.width(), size.height(), longest);
    let mut pixmap = Pixmap::new(width, height).ok_or_else(too_large)?;
    let scale = Transform::from_scale(width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(&tree, scale, &mut pixmap.as_mut());
    Ok(Canvas::from_rgba(width, height, pixmap.take_demultiplied()))
}

fn too_large() -> Fault {
    Fault::new(Outcome::TooLarge, "the drawing has too many parts")
}

fn options() -> Options<'static> {
    let unpacked = ImageHrefResolver::default_data_resolver();
    Options {
        font_family: FAMILY.to_owned(),
        fontdb: fonts(),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(move |kind, data, options| {
                let image = unpacked(kind, data, options)?;
                match &image {
                    ImageKind::SVG(_) => Some(image),
                    ImageKind::JPEG(data) | ImageKind::PNG(data) | ImageKind::GIF(data) | ImageKind::WEBP(data) => {
                        raster::fits(data).then_some(image)
                    }
                }
            }),
            // Files and addresses are what this would be asked for.
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

const FAMILY: &str = "Roboto";

/// The built-in typeface, under every name a drawing may ask for.
fn fonts() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let load = || {
        let mut fonts = Database::new();
        for face in [
            damascene_fonts_roboto::ROBOTO_REGULAR,
            damascene_fonts_roboto::ROBOTO_BOLD,
            damascene_fonts_roboto::ROBOTO_ITALIC,
        ] {
            fonts.load_font_data(face.to_vec());
        }
        fonts.set_serif_family(FAMILY);
        fonts.set_sans_serif_family(FAMILY);
        fonts.set_cursive_family(FAMILY);
        fonts.set_fantasy_family(FAMILY);
        fonts.set_monospace_family(FAMILY);
        Arc::new(fonts)
    };
    Arc::clone(FONTS.get_or_init(load))
}

#[cfg(test)]
mod tests {
    use crate::{
        Outcome,
        detect::Format,
        picture::{draw_as, samples},
    };

    fn drawn(svg: &str) -> image::RgbaImage {
        let pictures = draw_as(&samples::source(svg.as_bytes().to_vec()), Format::Svg, &[512]).unwrap();
        image::load_from_memory(&pictures[0].bytes).unwrap().into_rgba8()
    }

    #[test]
    fn a_drawing_keeps_its_colours_and_what_is_empty_stays_transparent() {
        let image = drawn(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="1000"><rect width="1000" height="1000" fill="#f00"/></svg>"##,
        );
        assert_eq!(image.dimensions(), (512, 256));
        assert_eq!(image.get_pixel(10, 10).0, [255, 0, 0, 255]);
        assert_eq!(image.get_pixel(500, 10).0[3], 0);
    }

    #[test]
    fn nothing_outside_the_file_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.png");
        std::fs::write(&path, samples::corners(100, 100, image::ImageFormat::Png)).unwrap();
        let path = path.display();
        let image = drawn(&format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100">
            <rect width="100" height="100" fill="#fff"/><image href="{path}" width="100" height="100"/>
            <image xlink:href="file://{path}" width="100" height="100"/></svg>"##
        ));
        assert!(image.pixels().all(|pixel| pixel.0 == [255; 4]));
    }

    #[test]
    fn pictures_inside_the_file_are_drawn() {
        use std::fmt::Write as _;
        let mut url = String::from("data:image/png,");
        for byte in samples::corners(64, 64, image::ImageFormat::Png) {
            write!(url, "%{byte:02x}").unwrap();
        }
        let source = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="{url}" width="64" height="64"/></svg>"##
        );
        let picture = &draw_as(&samples::source(source.into_bytes()), Format::Svg, &[512]).unwrap()[0];
        assert_eq!(samples::corner_names(&picture.bytes), "red green blue white");
    }

    #[test]
    fn words_are_drawn_in_the_typeface_that_is_built_in() {
        let image = drawn(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60"><rect width="200" height="60" fill="white"/>
            <text x="5" y="45" font-family="No Such Face" font-size="40">Hawser</text></svg>"##,
        );
        assert!(image.pixels().filter(|pixel| pixel[0] < 100).count() > 300);
    }

    #[test]
    fn a_drawing_that_unfolds_without_end_is_refused() {
        let mut svg = String::from(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="a0"><rect width="1" height="1"/></g>"#,
        );
        for level in 1..12 {
            let below = format!("<use href=\"#a{}\"/>", level - 1).repeat(10);
            svg.push_str(&format!("<g id=\"a{level}\">{below}</g>"));
        }
        svg.push_str("<use href=\"#a11\"/></svg>");
        let fault = draw_as(&samples::source(svg.into_bytes()), Format::Svg, &[512]).unwrap_err();
        assert!(matches!(fault.outcome, Outcome::TooLarge | Outcome::Malformed), "{fault}");
    }
}
