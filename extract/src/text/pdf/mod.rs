//! PDF: the text as it is drawn page by page, what the file says of itself, and what is attached to it.
//! `glyphs` listens to what pages draw, `line` makes lines of it, `right_to_left` puts letters in the order of reading,
//! `objects` reads what is not drawn.

mod about;
mod attached;
mod codes;
mod glyphs;
mod line;
mod marks;
mod objects;
mod right_to_left;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::Arc};

use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, TransformExt,
    hayro_syntax::{LoadPdfError, Pdf, page::Page},
    interpret_page,
    kurbo::Rect,
};

use self::{codes::Collections, glyphs::Glyphs};
use super::{Full, Reading, Stop};
use crate::{Fault, Source};

/// Pages beyond this are counted and not read.
const MAX_PAGES: usize = 2000;

/// # Errors
/// `Full` when there are more pages or more text than is read, `encrypted` and `malformed`.
pub fn read(source: &Source, into: &mut Reading) -> Result<(), Stop> {
    let pdf = Pdf::new(Arc::clone(&source.bytes)).map_err(|fault| match fault {
        LoadPdfError::Decryption(_) => Fault::encrypted(),
        LoadPdfError::Invalid => Fault::malformed("no pages can be found in the file"),
    })?;
    about::read(&pdf, into);
    let drawn = pages(&pdf, into);
    // A full sink takes nothing more; what is not drawn comes after all that is.
    drawn?;
    about::outline(&pdf, into)?;
    attached::read(&pdf, into)
}

/// Reads page after page, and tells what became of them as a whole: how much could be mapped to letters, and whether
/// they are pictures of text.
fn pages(pdf: &Pdf, into: &mut Reading) -> Result<(), Full> {
    let settings = InterpreterSettings::default();
    let cache = InterpreterCache::new();
    let mut seen = HashSet::new();
    let mut collections = Collections::default();
    let (mut glyphs, mut unmapped, mut letters, mut pictured, mut read) = (0usize, 0usize, 0usize, 0usize, 0usize);
    let mut ended = Ok(());
    for page in pdf.pages().iter().take(MAX_PAGES) {
        let before = into.sink.len();
        let mut device = Glyphs::new(&mut into.sink, page_area(page), collections.of_page(page));
        draw(page, &cache, &settings, pdf, &mut device);
        let drawn = device.finish();
        read += 1;
        glyphs += drawn.glyphs;
        unmapped += drawn.unmapped;
        letters += drawn.letters;
        pictured += usize::from(drawn.is_pictured());
        ended = drawn.ended.and_then(|()| marks::read(page, before, &mut seen, into)).and_then(|()| into.sink.line());
        if ended.is_err() {
            break;
        }
    }
    into.is_poor |= glyphs > 20 && unmapped * 10 > glyphs * 3;
    into.needs_ocr |= read > 0 && letters < 8 * read && pictured * 2 >= read;
    ended?;
    if pdf.pages().len() > MAX_PAGES { Err(Full) } else { Ok(()) }
}

fn draw<'a>(
    page: &Page<'a>,
    cache: &InterpreterCache<'a>,
    settings: &InterpreterSettings,
    pdf: &'a Pdf,
    device: &mut Glyphs<'_>,
) {
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let upright = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(upright, area, cache, pdf.xref(), settings.clone());
    interpret_page(page, &mut context, device);
}

fn page_area(page: &Page<'_>) -> f64 {
    let (width, height) = page.render_dimensions();
    (f64::from(width) * f64::from(height)).abs()
}
