//! Listens to a page being drawn: glyphs become letters with a place, pictures are only measured.

use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
    font::{Glyph, GlyphRun},
    hayro_cmap::{BfString, WritingMode},
    hayro_syntax::object::{self, Dict},
    kurbo::{Affine, BezPath, Point, Vec2},
};

use super::{
    codes::Codes,
    line::{Letter, Lines},
    objects,
};
use crate::text::{Full, Sink};

/// Fonts count in thousandths of their size.
const UNITS: f64 = 1000.0;

pub struct Glyphs<'s> {
    lines: Lines<'s>,
    page_area: f64,
    pictured_area: f64,
    glyphs: usize,
    unmapped: usize,
    codes: Option<&'s Codes>,
    /// What stands for the glyphs of each open part of the page, where it says so: not yet said, or said.
    instead: Vec<Option<Option<String>>>,
}

/// What came of a page.
pub struct Drawn {
    pub ended: Result<(), Full>,
    pub glyphs: usize,
    pub unmapped: usize,
    pub letters: usize,
    pictured: f64,
}

impl Drawn {
    /// Whether pictures cover most of it.
    pub fn is_pictured(&self) -> bool {
        self.pictured > 0.5
    }
}

impl<'s> Glyphs<'s> {
    pub fn new(sink: &'s mut Sink, page_area: f64, codes: Option<&'s Codes>) -> Self {
        Self {
            lines: Lines::new(sink),
            page_area,
            pictured_area: 0.0,
            glyphs: 0,
            unmapped: 0,
            codes,
            instead: Vec::new(),
        }
    }

    pub fn finish(self) -> Drawn {
        let pictured = if self.page_area > 0.0 { self.pictured_area / self.page_area } else { 0.0 };
        let letters = self.lines.letters();
        Drawn { ended: self.lines.finish(), glyphs: self.glyphs, unmapped: self.unmapped, letters, pictured }
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, place: Affine, mode: WritingMode, manner: Manner) {
        let [a, b, c, d, x, y] = place.as_coeffs();
        let (across, up) = (Vec2::new(a, b), Vec2::new(c, d));
        let size = up.hypot() * UNITS;
        let scale = if manner.is_stretched { up.hypot() } else { across.hypot() };
        let (direction, advance) = match mode {
            WritingMode::Horizontal => (across, scale * width(glyph)),
            WritingMode::Vertical => (-up, size),
        };
        let length = direction.hypot();
        if !(length > 0.0 && size > 0.0 && advance.is_finite() && x.is_finite() && y.is_finite()) {
            return;
        }
        let at = Point::new(x, y);
        let Some(text) = self.text(glyph, manner) else {
            self.lines.stretch(at, advance.abs());
            return;
        };
        self.lines.add(Letter { text, at, direction: direction / length, advance: advance.abs(), size });
    }

    /// The letters of a glyph; `None` where there are none.
    fn text(&mut self, glyph: &Glyph<'_>, manner: Manner) -> Option<String> {
        self.glyphs += 1;
        if let Some(Some(instead)) = self.instead.iter_mut().rev().find(|part| part.is_some()) {
            return instead.take();
        }
        let text = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.to_string(),
            Some(BfString::String(text)) => text,
            None => match (self.codes, glyph) {
                (Some(codes), Glyph::Outline(outline)) => codes.text(outline.char_code()).unwrap_or_default(),
                _ => String::new(),
            },
        };
        let is_mapped = |c: char| !matches!(c, '\0' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}');
        if text.is_empty() || !text.chars().any(is_mapped) {
            // Where its neighbours are known, a letter of the upper half has only a name of its own.
            if let Some(c) = upper_half(glyph.char_code()).filter(|_| manner.is_known) {
                return Some(c.to_string());
            }
            self.unmapped += 1;
            return None;
        }
        Some(text.chars().filter(|c| is_mapped(*c)).collect())
    }
}

/// What holds for the glyphs of a run as a whole.
#[derive(Debug, Clone, Copy)]
struct Manner {
    /// The outlines come from another font and are stretched to the room of the real ones: their own width is not the
    /// room they take.
    is_stretched: bool,
    /// Some of its glyphs are known letters.
    is_known: bool,
}

impl Manner {
    /// Of the two measures of a glyph's room, the one by which each glyph ends where the next begins.
    fn of(run: &GlyphRun<'_, '_>) -> Self {
        let (mut by_width, mut by_height) = (0.0, 0.0);
        for two in run.glyphs().windows(2) {
            let [a, b, c, d, x, y] = two[0].transform().as_coeffs();
            let [.., next_x, next_y] = two[1].transform().as_coeffs();
            let step = (next_x - x).hypot(next_y - y);
            by_width += (step - a.hypot(b) * width(&two[0])).abs();
            by_height += (step - c.hypot(d) * width(&two[0])).abs();
        }
        Self {
            is_stretched: by_height < by_width,
            is_known: run.glyphs().iter().any(|glyph| glyph.as_unicode().is_some()),
        }
    }
}

/// The room of a glyph along the line, in thousandths of the size.
fn width(glyph: &Glyph<'_>) -> f64 {
    let width = match glyph {
        Glyph::Outline(outline) => outline.advance_width(),
        Glyph::Type3(glyph) => glyph.advance_width(),
    };
    f64::from(width.unwrap_or(500.0))
}

fn upper_half(code: u32) -> Option<char> {
    let byte = u8::try_from(code).ok().filter(|byte| *byte >= 0xa0)?;
    Some(char::from(byte)).filter(|c| c.is_alphabetic())
}

impl<'a> Device<'a> for Glyphs<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        if self.lines.is_full() {
            return;
        }
        let manner = Manner::of(run);
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform * glyph.transform(), run.writing_mode(), manner);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let area = props.transform.determinant().abs() * f64::from(image.width()) * f64::from(image.height());
        if area.is_finite() {
            self.pictured_area += area.min(self.page_area);
        }
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let actual = properties.and_then(|p| p.get::<object::String<'_>>("ActualText"));
        self.instead.push(actual.map(|text| Some(objects::text(text.as_bytes()))));
    }

    fn end_marked_content(&mut self) {
        self.instead.pop();
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
