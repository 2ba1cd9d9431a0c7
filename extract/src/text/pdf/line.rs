//! Letters with a place become lines: a page says where each letter stands, and seldom where a word or a line ends.

use hayro_interpret::kurbo::{Point, Vec2};
use unicode_normalization::UnicodeNormalization;

use super::right_to_left;
use crate::text::{Full, Sink};

/// A wider gap than this, in sizes of the letters, parts two words.
const WORD_GAP: f64 = 0.12;
/// A longer step across the line of writing than this begins another line.
const LINE_STEP: f64 = 0.5;
/// Cosine of the turn that begins another line: 25 degrees.
const TURN: f64 = 0.906;
/// No line is longer; it bounds what looking back costs.
const MAX_LINE: usize = 4000;

/// One or more letters drawn as one, and where.
#[derive(Debug, Clone)]
pub struct Letter {
    pub text: String,
    pub at: Point,
    /// Where the writing goes; of length 1.
    pub direction: Vec2,
    pub advance: f64,
    pub size: f64,
}

/// A piece of a line, with its place along it.
#[derive(Debug, Clone)]
pub struct Piece {
    pub text: String,
    pub start: f64,
    pub end: f64,
    pub size: f64,
    /// Whether another word begins here.
    pub after_space: bool,
}

pub struct Lines<'s> {
    sink: &'s mut Sink,
    line: Vec<Piece>,
    /// The last letter, whose place and direction the line goes on from.
    last: Option<Letter>,
    origin: Point,
    letters: usize,
    ended: Result<(), Full>,
    /// The last line ended in a hyphen, which is kept back: the word may go on.
    is_broken: bool,
}

impl<'s> Lines<'s> {
    pub fn new(sink: &'s mut Sink) -> Self {
        Self { sink, line: Vec::new(), last: None, origin: Point::ZERO, letters: 0, ended: Ok(()), is_broken: false }
    }

    pub fn is_full(&self) -> bool {
        self.ended.is_err()
    }

    /// How many letters came, spaces not counted.
    pub fn letters(&self) -> usize {
        self.letters
    }

    pub fn add(&mut self, mut letter: Letter) {
        if self.is_full() {
            return;
        }
        letter.text = plain(&letter.text);
        let goes_on = self.last.as_ref().is_some_and(|last| {
            let step = letter.at - last.at;
            let across = step.cross(last.direction).abs();
            last.direction.dot(letter.direction) > TURN && across <= LINE_STEP * last.size.max(letter.size)
        });
        if !goes_on || self.line.len() >= MAX_LINE {
            self.end_line();
            self.origin = letter.at;
        }
        let direction = self.last.as_ref().filter(|_| !self.line.is_empty()).map_or(letter.direction, |l| l.direction);
        let start = (letter.at - self.origin).dot(direction);
        let piece = Piece {
            start,
            end: start + letter.advance,
            size: letter.size,
            after_space: false,
            text: letter.text.clone(),
        };
        if self.is_drawn_again(&piece) {
            return;
        }
        let after_space = self.line.last().is_some_and(|before| is_parted(before, &piece));
        self.letters += letter.text.chars().filter(|c| c.is_alphanumeric()).count();
        self.line.push(Piece { after_space, ..piece });
        self.last = Some(letter);
    }

    /// Takes the room of a glyph without letters of its own into the last piece, if it goes on from there.
    pub fn stretch(&mut self, at: Point, advance: f64) {
        let (Some(last), Some(piece)) = (&self.last, self.line.last_mut()) else { return };
        let start = (at - self.origin).dot(last.direction);
        if (start - piece.end).abs() < WORD_GAP * piece.size {
            piece.end = start + advance;
        }
    }

    /// Bold is often the same letter drawn twice, hardly beside itself; so is a letter that is filled and outlined.
    fn is_drawn_again(&self, piece: &Piece) -> bool {
        let Some(last) = self.line.last() else { return false };
        if piece.start >= last.end - 0.1 * piece.size || piece.text.trim().is_empty() {
            return false;
        }
        let near = |old: &Piece| (old.start - piece.start).abs() < 0.12 * piece.size && old.text == piece.text;
        self.line.iter().rev().take(300).any(near)
    }

    fn end_line(&mut self) {
        let mut line = right_to_left::in_order(std::mem::take(&mut self.line));
        if line.is_empty() {
            return;
        }
        let goes_on = self.is_broken && starts_low(&line);
        self.ended = self.ended.and_then(|()| if goes_on { Ok(()) } else { self.break_line() });
        self.is_broken = take_hyphen(&mut line);
        self.ended = self.ended.and_then(|()| self.put(&line));
    }

    /// Ends the line before, with the hyphen that was kept back.
    fn break_line(&mut self) -> Result<(), Full> {
        if std::mem::take(&mut self.is_broken) {
            self.sink.push("-")?;
        }
        self.sink.line()
    }

    fn put(&mut self, line: &[Piece]) -> Result<(), Full> {
        for piece in line {
            if piece.after_space || piece.text.starts_with(char::is_whitespace) {
                self.sink.space()?;
            }
            self.sink.push(piece.text.trim_start())?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), Full> {
        self.end_line();
        self.ended.and_then(|()| self.break_line())
    }
}

/// Whether two pieces, one drawn after the other, belong to two words. Letters may be drawn from either end of a word.
pub fn is_parted(before: &Piece, piece: &Piece) -> bool {
    let size = before.size.max(piece.size);
    let gap = piece.start - before.end;
    if gap > WORD_GAP * size {
        return true;
    }
    // Marks stand over what they mark, and kerning pulls letters together.
    if gap > -0.5 * size.min(before.end - before.start).max(0.3 * size) {
        return false;
    }
    let gap_before = (before.start - piece.end).abs();
    let is_rtl = right_to_left::is_in(&piece.text) || right_to_left::is_in(&before.text);
    if is_rtl { gap_before > WORD_GAP * size && !right_to_left::is_mark(&piece.text) } else { true }
}

/// Takes the hyphen off a line that ends in the middle of a word.
fn take_hyphen(line: &mut Vec<Piece>) -> bool {
    while line.last().is_some_and(|piece| piece.text.trim().is_empty()) {
        line.pop();
    }
    let [.., before, last] = line.as_slice() else { return false };
    let is_hyphen = matches!(last.text.as_str(), "-" | "\u{2010}" | "\u{ad}") && !last.after_space;
    if is_hyphen && before.text.ends_with(char::is_lowercase) {
        line.pop();
        return true;
    }
    false
}

fn starts_low(line: &[Piece]) -> bool {
    line.first().is_some_and(|piece| piece.text.starts_with(char::is_lowercase))
}

/// Letters that stand for others in a font's own way of drawing, as those others: ligatures, shapes, radicals.
fn plain(text: &str) -> String {
    let is_drawn = |c: char| {
        matches!(c, '\u{fb00}'..='\u{fb4f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{2e80}'..='\u{2fdf}'
            | '\u{f900}'..='\u{faff}')
    };
    if text.chars().any(is_drawn) { text.nfkc().collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(lines: &mut Lines<'_>, text: &str, x: f64, y: f64, direction: Vec2) {
        for (i, c) in text.chars().enumerate() {
            let at = Point::new(x, y) + direction * (i as f64 * 5.0);
            lines.add(Letter { text: c.into(), at, direction, advance: 5.0, size: 10.0 });
        }
    }

    fn lines(draw: impl Fn(&mut Lines<'_>)) -> String {
        let mut sink = Sink::default();
        let mut lines = Lines::new(&mut sink);
        draw(&mut lines);
        lines.finish().unwrap();
        sink.finish()
    }

    #[test]
    fn gaps_part_words_and_steps_part_lines() {
        let across = Vec2::new(1.0, 0.0);
        let text = lines(|l| {
            write(l, "ab", 0.0, 0.0, across);
            write(l, "cd", 12.0, 0.0, across);
            // A raised letter stays in its line.
            write(l, "2", 22.0, 4.0, across);
            write(l, "ef", 0.0, 12.0, across);
        });
        assert_eq!(text, "ab cd2\nef\n");
    }

    #[test]
    fn writing_up_the_page_is_read_along_it() {
        let up = Vec2::new(0.0, -1.0);
        let text = lines(|l| {
            write(l, "side", 0.0, 100.0, up);
            write(l, "way", 0.0, 74.0, up);
            write(l, "next", 14.0, 100.0, up);
        });
        assert_eq!(text, "side way\nnext\n");
    }

    #[test]
    fn what_is_drawn_twice_is_read_once() {
        let across = Vec2::new(1.0, 0.0);
        let text = lines(|l| {
            write(l, "bold", 0.0, 0.0, across);
            write(l, "bold", 0.3, 0.0, across);
        });
        assert_eq!(text, "bold\n");
    }

    #[test]
    fn a_word_parted_at_the_end_of_a_line_is_one_word() {
        let across = Vec2::new(1.0, 0.0);
        let text = lines(|l| {
            write(l, "knot-", 0.0, 0.0, across);
            write(l, "ted x-", 0.0, 12.0, across);
            write(l, "Ray-", 0.0, 24.0, across);
        });
        assert_eq!(text, "knotted x-\nRay-\n");
    }

    #[test]
    fn ligatures_and_radicals_become_letters() {
        assert_eq!(plain("o\u{fb03}ce ⾦"), "office 金");
        assert_eq!(plain("½ x²"), "½ x²");
    }
}
