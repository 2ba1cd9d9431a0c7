//! UTF-16 that carries no mark. Cyrillic in UTF-16 is valid UTF-8 too, so this comes first.
//! One of the two byte columns holds the high bytes: few different ones, and low where the script is alphabetic.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

const SAMPLE: usize = 8 << 10;

/// Which of the two byte orders the bytes are in, if any.
pub fn guess(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    if sample.len() < 4 {
        return None;
    }
    let (even, odd) = (Column::of(sample, 0), Column::of(sample, 1));
    let pairs = sample.len() / 2;
    if odd.low * 10 >= pairs * 6 && even.low * 10 < pairs * 2 {
        return plausible(UTF_16LE, sample);
    }
    if even.low * 10 >= pairs * 6 && odd.low * 10 < pairs * 2 {
        return plausible(UTF_16BE, sample);
    }
    // Beyond the alphabets: a script of many blocks, with line breaks, blanks or kana between.
    let has_marks = |column: &Column| column.zero > 0 || column.kana * 5 >= pairs;
    let fewer = |one: &Column, other: &Column| one.distinct * 5 <= other.distinct * 4 && other.zero == 0;
    match (fewer(&odd, &even) && has_marks(&odd), fewer(&even, &odd) && has_marks(&even)) {
        (true, false) => plausible(UTF_16LE, sample),
        (false, true) => plausible(UTF_16BE, sample),
        _ => None,
    }
}

/// Counts of one of the two columns.
struct Column {
    /// Bytes that no text in another encoding holds, and that are the high bytes of alphabets.
    low: usize,
    zero: usize,
    kana: usize,
    distinct: usize,
}

impl Column {
    fn of(sample: &[u8], from: usize) -> Self {
        let mut seen = [0_usize; 256];
        for byte in sample.iter().skip(from).step_by(2) {
            seen[usize::from(*byte)] += 1;
        }
        Self {
            low: seen[..9].iter().sum(),
            zero: seen[0],
            kana: seen[0x30],
            distinct: seen.iter().filter(|count| **count > 0).count(),
        }
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
