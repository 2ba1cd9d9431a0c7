//! Names are parted at every sign, where letters meet digits, and at the humps of camelCase.

use super::{Line, Mode, running, script};

/// Where the reading of a name is.
#[derive(Default)]
pub struct Naming {
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Paired,
    Sign,
}

fn class(c: char) -> Class {
    if c.is_ascii_digit() || c.is_numeric() && !c.is_alphabetic() {
        Class::Digit
    } else if script::is_paired(c) {
        Class::Paired
    } else if c.is_alphabetic() {
        Class::Letter
    } else {
        Class::Sign
    }
}

impl Naming {
    /// Puts what comes next on the line, which may be nothing; false at the end of the name.
    pub fn step(&mut self, text: &str, line: &mut Line) -> bool {
        let rest = &text[self.at..];
        let Some(first) = rest.chars().next() else { return false };
        let of = class(first);
        let length = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| class(*c) != of && !(of != Class::Sign && script::is_attached(*c)))
            .map_or(rest.len(), |(at, _)| at);
        let (mut start, end) = (self.at, self.at + length);
        self.at = end;
        match of {
            Class::Sign => {}
            Class::Paired => running::letters(&text[start..end], start).into_iter().for_each(|it| line.single(it)),
            Class::Letter | Class::Digit => {
                while let Some(window) = running::window(&text[start..end]) {
                    line.word(start, start + window.len());
                    start += window.len();
                }
                line.word(start, end);
                if of == Class::Letter && line.mode == Mode::Index {
                    humps(&text[start..end], start, line);
                }
            }
        }
        true
    }
}

/// `PowerPoint` also has power and point, `PDFReader` pdf and reader.
fn humps(word: &str, start: usize, line: &mut Line) {
    let mut from = 0;
    let mut letters = word.char_indices().filter(|(_, c)| !script::is_attached(*c)).peekable();
    let mut before: Option<char> = None;
    while let Some((at, c)) = letters.next() {
        let is_hump = before.is_some_and(|before| {
            let next_is_lower = letters.peek().is_some_and(|(_, next)| next.is_lowercase());
            c.is_uppercase() && (!before.is_uppercase() || next_is_lower)
        });
        if is_hump {
            line.part(start + from, start + at);
            from = at;
        }
        before = Some(c);
    }
    if from > 0 {
        line.part(start + from, start + word.len());
    }
}
