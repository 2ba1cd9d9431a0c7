//! Where text goes: clean, and never more than a limit.

use unicode_normalization::UnicodeNormalization;

/// Bytes of text kept of one file.
pub const MAX_TEXT: usize = 16 << 20;

/// No more text is wanted: stop reading and call it truncated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// Takes text in pieces. Line breaks and spaces do not pile up; NUL and lone controls are left out.
#[derive(Debug)]
pub struct Sink {
    text: String,
    limit: usize,
    is_full: bool,
}

impl Default for Sink {
    fn default() -> Self {
        Self::with_limit(MAX_TEXT)
    }
}

impl Sink {
    pub fn with_limit(limit: usize) -> Self {
        Self { text: String::new(), limit, is_full: false }
    }

    /// Adds a piece of a line. Breaks inside it stay breaks.
    ///
    /// # Errors
    /// `Full` when the limit is reached; what fitted is kept.
    pub fn push(&mut self, piece: &str) -> Result<(), Full> {
        for c in piece.chars() {
            match c {
                '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => self.line()?,
                '\t' => self.put('\t')?,
                c if c.is_control() || c == '\u{feff}' => {}
                c => self.put(c)?,
            }
        }
        Ok(())
    }

    /// Ends the line, if one has begun.
    pub fn line(&mut self) -> Result<(), Full> {
        match self.text.ends_with('\n') || self.text.is_empty() {
            true => Ok(()),
            false => self.put('\n'),
        }
    }

    /// Parts two words of one line.
    pub fn space(&mut self) -> Result<(), Full> {
        match self.text.is_empty() || self.text.ends_with([' ', '\n', '\t']) {
            true => Ok(()),
            false => self.put(' '),
        }
    }

    fn put(&mut self, c: char) -> Result<(), Full> {
        if self.text.len() + c.len_utf8() > self.limit {
            self.is_full = true;
            return Err(Full);
        }
        self.text.push(c);
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// What came after the first `from` bytes.
    pub fn since(&self, from: usize) -> &str {
        self.text.get(from..).unwrap_or_default()
    }

    /// Whether nothing but white space has come.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The text, in NFC.
    pub fn finish(self) -> String {
        match unicode_normalization::is_nfc_quick(self.text.chars()) {
            unicode_normalization::IsNormalized::Yes => self.text,
            _ => self.text.nfc().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_do_not_pile_up_and_controls_stay_out() {
        let mut sink = Sink::default();
        sink.push("a\r\n\r\nb\u{0}\u{1b}c").unwrap();
        sink.line().unwrap();
        sink.space().unwrap();
        sink.push("e\u{301}").unwrap();
        assert_eq!(sink.finish(), "a\nbc\né");
    }

    #[test]
    fn a_full_sink_keeps_what_fitted_and_says_so() {
        let mut sink = Sink::with_limit(5);
        assert_eq!(sink.push("äbcdé"), Err(Full));
        assert!(sink.is_full());
        assert_eq!(sink.finish(), "äbcd");
    }
}
