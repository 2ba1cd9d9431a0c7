//! Whether bytes are letters, in whatever encoding: UTF-8, UTF-16 with or without a mark, or an older one. Which of the
//! older ones does not matter here.

use super::{Format, hint::Hint};

/// How much is looked at.
const SAMPLE: usize = 64 << 10;
/// How much of it is handed on, as text.
const HEAD: usize = 16 << 10;

/// The beginning of what is written, or `None` where bytes are not letters. ASCII in it is right whatever the encoding;
/// the rest may not be.
pub fn head(bytes: &[u8], hint: Hint) -> Option<String> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if let Some(rest) = sample.strip_prefix(b"\xef\xbb\xbf") {
        return Some(String::from_utf8_lossy(&rest[..rest.len().min(HEAD)]).into_owned());
    }
    if sample.starts_with(b"\xff\xfe\0\0") || sample.starts_with(b"\0\0\xfe\xff") {
        return utf32(sample);
    }
    if let Some(rest) = sample.strip_prefix(b"\xff\xfe") {
        return plausible(&utf16(rest, u16::from_le_bytes)).then(|| cut(utf16(rest, u16::from_le_bytes)));
    }
    if let Some(rest) = sample.strip_prefix(b"\xfe\xff") {
        return plausible(&utf16(rest, u16::from_be_bytes)).then(|| cut(utf16(rest, u16::from_be_bytes)));
    }
    if let Some(text) = unmarked_utf16(sample) {
        return Some(cut(text));
    }
    is_written(sample, hint).then(|| sample.iter().take(HEAD).map(|byte| char::from(*byte)).collect())
}

fn cut(text: String) -> String {
    text.chars().take(HEAD).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn utf32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = if bytes[0] == 0xff { u32::from_le_bytes } else { u32::from_be_bytes };
    let quads = bytes.as_chunks::<4>().0.iter().skip(1);
    let text: String = quads.map(|q| char::from_u32(read(*q)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    plausible(&text).then(|| cut(text))
}

/// Few of the characters are controls, broken or nobody's.
fn plausible(text: &str) -> bool {
    let (mut all, mut odd) = (0usize, 0usize);
    for c in text.chars() {
        all += 1;
        odd += usize::from(is_odd(c));
    }
    odd * 50 <= all
}

fn is_odd(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{b}' | '\u{1b}'))
        || matches!(c, '\u{fffd}' | '\u{fff0}'..='\u{fff8}' | '\u{fffe}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}')
}

/// UTF-16 that does not say so. Its letters share few high bytes, or are those of East Asia; noise does neither.
fn unmarked_utf16(sample: &[u8]) -> Option<String> {
    if sample.len() < 4 || std::str::from_utf8(sample).is_ok_and(|text| !text.bytes().any(|b| b < 9)) {
        return None;
    }
    [u16::from_le_bytes as fn([u8; 2]) -> u16, u16::from_be_bytes]
        .into_iter()
        .filter_map(|unit| {
            let text = utf16(sample, unit);
            let share = share(&text)?;
            plausible(&text).then_some((share, text))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, text)| text)
}

/// How much of a text is in the letters of one script and in plain ASCII; `None` where that is too little to believe.
fn share(text: &str) -> Option<f64> {
    let mut pages = [0usize; 256];
    let (mut all, mut plain, mut eastern) = (0usize, 0usize, 0usize);
    for c in text.chars() {
        all += 1;
        pages[(c as usize >> 8).min(255)] += 1;
        plain += usize::from(matches!(c, ' '..='~' | '\t' | '\n' | '\r'));
        eastern += usize::from(matches!(c,
            ' '..='~' | '\n' | '\r' | '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{ff00}'..='\u{ffef}'));
    }
    pages[0x20] = 0;
    let base = pages[0];
    pages[0] = 0;
    let script = pages.iter().max().copied().unwrap_or_default() + base;
    let most = script.max(if plain * 100 >= all { eastern } else { 0 }) as f64 / all.max(1) as f64;
    // All of it in one page, with nothing plain, is more likely numbers than words.
    (most >= 0.9 && plain * 40 >= all).then_some(most)
}

/// Bytes of one encoding or another where a letter may take several: almost no controls.
fn is_written(sample: &[u8], hint: Hint) -> bool {
    if sample.is_empty() {
        return matches!(hint, Hint::Written(_));
    }
    let controls = sample.iter().filter(|b| matches!(b, 0..=6 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)).count();
    let zeros = sample.iter().filter(|b| **b == 0).count();
    let claimed = matches!(hint, Hint::Written(_));
    let is_utf8 = match std::str::from_utf8(sample) {
        Ok(_) => true,
        // The sample may end within a letter.
        Err(fault) => fault.error_len().is_none() && sample.len() == SAMPLE,
    };
    // Of noise, a tenth are controls. A stray zero in a log leaves it a log.
    let allowed = match (is_utf8, claimed) {
        (true, true) => sample.len() / 10,
        (true, false) => sample.len() / 50,
        (false, true) => sample.len() / 25,
        (false, false) => sample.len() / 200,
    };
    controls <= allowed && (zeros == 0 || zeros * 100 <= sample.len())
}

impl Hint {
    /// The kind of writing that is claimed, if any.
    pub(super) fn written(self) -> Option<Format> {
        match self {
            Self::Written(format) => Some(format),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn utf_16_without_a_mark_is_letters() {
        for text in ["The quick brown fox\njumps", "Съешь же ещё этих мягких французских булок\n", "Ξεσκεπάζω την ψυχο"]
        {
            for big in [false, true] {
                let head = head(&units(text, big), Hint::None);
                assert_eq!(head.as_deref(), Some(text), "big-endian: {big}");
            }
        }
        let japanese = "これは日本語の文章です。 港に船が着いた。 Harbour \n".repeat(3);
        assert_eq!(head(&units(&japanese, true), Hint::None).as_deref(), Some(japanese.as_str()));
    }

    #[test]
    fn older_encodings_are_letters_and_packed_bytes_are_not() {
        assert!(head(&[0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, b' ', b'!'], Hint::None).is_some());
        assert!(head(b"\x1b$B$3$l\x1b(J", Hint::None).is_some());
        assert!(head(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xad, 0x58], Hint::None).is_none());
        let sound: Vec<u8> = (0..4000i32).flat_map(|i| ((i * 37) as i16).to_le_bytes()).collect();
        assert!(head(&sound, Hint::Written(Format::Text)).is_none());
    }
}
