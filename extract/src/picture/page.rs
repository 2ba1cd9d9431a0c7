//! The first page of a PDF, on white paper.

use std::sync::Arc;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf},
    vello_cpu::color::palette::css::WHITE,
};

use super::{Canvas, shrink};
use crate::Fault;

/// Draws the first page with its longest side at `longest`: paper has no pixels that it could be too small for.
///
/// # Errors
/// `Encrypted`, and `Malformed` where there is no page that can be drawn.
pub fn read(bytes: &Arc<Vec<u8>>, longest: u32) -> Result<Canvas, Fault> {
    let pdf = Pdf::new(Arc::clone(bytes)).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Fault::encrypted(),
        LoadPdfError::Decryption(_) => Fault::encrypted(),
        LoadPdfError::Invalid => Fault::malformed("there is no PDF in it"),
    })?;
    let page = pdf.pages().first().ok_or_else(|| Fault::malformed("there is no page in it"))?;
    let (width, height) = page.render_dimensions();
    let (to_width, to_height) = size(width, height, longest).ok_or_else(|| Fault::malformed("the page has no size"))?;
    // The renderer cuts off what lies behind the point; a hundredth keeps the last row and column.
    let scale = |to: u32, from: f32| (to as f32 + 0.01) / from;
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings { x_scale: scale(to_width, width), y_scale: scale(to_height, height), bg_color: WHITE },
    );
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let opaque = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    Canvas::from_rgb(width, height, opaque)
}

/// Reckoned before drawing: a page may claim any size, and pixels are paid for by width and height.
fn size(width: f32, height: f32, longest: u32) -> Option<(u32, u32)> {
    let is_size = |length: f32| length.is_finite() && length > 0.0;
    if !is_size(width) || !is_size(height) {
        return None;
    }
    let longest = longest.clamp(1, 2_048);
    let scale = longest as f32 / width.max(height);
    // Rounded in a shape of large whole numbers, as every other picture's size is.
    let whole = |length: f32| ((length * scale * 1_000.0) as u32).max(1);
    let (width, height) = shrink::fit(whole(width), whole(height), longest);
    Some((width.min(longest), height.min(longest)))
}

#[cfg(test)]
mod tests {
    use crate::{
        Outcome,
        detect::Format,
        picture::{draw_as, samples},
    };

    #[test]
    fn the_first_page_is_drawn_on_white() {
        let source = samples::source(samples::pdf("0 0 600 800", "0.9 0.08 0.08 rg 0 400 300 400 re f"));
        let pictures = draw_as(&source, Format::Pdf, &[512, 128]).unwrap();
        assert_eq!((pictures[0].info.width, pictures[0].info.height), (384, 512));
        assert_eq!((pictures[1].info.width, pictures[1].info.height), (96, 128));
        assert_eq!(pictures[0].info.mime_type, "image/jpeg");
        assert_eq!(samples::corner_names(&pictures[0].bytes), "red white white white");
    }

    #[test]
    fn a_page_may_claim_any_size() {
        for claim in
            ["0 0 0 0", "0 0 1e30 1e30", "0 0 14400 1", "0 0 0.001 9000", "-1 -1 -5 -5", "0 0 99999999 99999999"]
        {
            let source = samples::source(samples::pdf(claim, "0 g 0 0 10 10 re f"));
            match draw_as(&source, Format::Pdf, &[512]) {
                Ok(pictures) => assert!(pictures[0].info.width.max(pictures[0].info.height) <= 512, "{claim}"),
                Err(fault) => assert_eq!(fault.outcome, Outcome::Malformed, "{claim}"),
            }
        }
    }

    #[test]
    fn a_form_that_draws_itself_comes_to_an_end() {
        let source = samples::source(samples::pdf("0 0 100 100", "/Self Do 1 0 0 rg 0 50 50 50 re f"));
        assert!(draw_as(&source, Format::Pdf, &[64]).is_ok());
    }

    #[test]
    fn what_is_no_pdf_is_malformed() {
        let fault = draw_as(&samples::source(b"%PDF-1.7 and nothing more".to_vec()), Format::Pdf, &[64]).unwrap_err();
        assert_eq!(fault.outcome, Outcome::Malformed);
    }
}
