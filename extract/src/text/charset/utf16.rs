//! UTF-16 that carries no mark. Cyrillic in UTF-16 is valid UTF-8 too, so this comes first.
//! One of the two byte columns holds the high bytes, which are low ones where the script is alphabetic.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

const SAMPLE: usize = 8 << 10;

/// Which of the two byte orders the bytes are in, if any.
pub fn guess(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    if sample.len() < 6 {
        return None;
    }
    let (even, odd) = (Column::of(sample, 0), Column::of(sample, 1));
    let pairs = sample.len() / 2;
    if odd.is_high(&even, pairs) {
        return plausible(UTF_16LE, sample);
    }
    if even.is_high(&odd, pairs) {
        return plausible(UTF_16BE, sample);
    }
    // Beyond the alphabets: text reads as a script of East Asia in one order, and as nothing in the other.
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        return None;
    }
    match (eastern(UTF_16LE, sample), eastern(UTF_16BE, sample)) {
        (Some(little), Some(big)) if little >= big => Some(UTF_16LE),
        (Some(_), None) => Some(UTF_16LE),
        (_, Some(_)) => Some(UTF_16BE),
        (None, None) => None,
    }
}

/// How many of a hundred characters belong to East Asian text. Between its letters stand marks of its own, blanks or breaks;
/// where none do, it may as well be an older encoding of two bytes a letter.
fn eastern(encoding: &'static Encoding, sample: &[u8]) -> Option<usize> {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let (mut all, mut good, mut marks) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        let is_mark = matches!(c, ' '..='~' | '\t' | '\n' | '\r' | '\u{3000}'..='\u{30ff}' | '\u{ff00}'..='\u{ffef}');
        marks += usize::from(is_mark);
        good += usize::from(
            is_mark
                || matches!(c, '\u{a0}'..='\u{ff}' | '\u{2010}'..='\u{2030}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'),
        );
    }
    let share = good * 100 / all.max(1);
    (share >= 90 && marks * 40 >= all).then_some(share)
}

/// Counts of one of the two columns.
struct Column {
    /// Bytes below the blank: the high bytes of alphabets.
    low: usize,
    /// Those of them that no text in another encoding holds.
    odd: usize,
}

impl Column {
    fn of(sample: &[u8], from: usize) -> Self {
        let column = || sample.iter().skip(from).step_by(2).filter(|byte| **byte < b' ');
        Self { low: column().count(), odd: column().filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r')).count() }
    }

    fn is_high(&self, other: &Self, pairs: usize) -> bool {
        self.low * 10 >= pairs * 8 && other.low * 2 <= self.low && self.odd > 0
    }
}

/// Text decodes without faults, and has next to no controls.
fn plausible(encoding: &'static Encoding, sample: &[u8]) -> Option<&'static Encoding> {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let odd = text
        .chars()
        .filter(|c| (c.is_control() && !c.is_whitespace()) || matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}'))
        .count();
    (odd * 50 <= text.chars().count()).then_some(encoding)
}
