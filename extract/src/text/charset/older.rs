//! Encodings of before Unicode, by guess: the detector's first word, then what the words themselves say of it.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, KOI8_R, KOI8_U, WINDOWS_1252};
use whatlang::Lang;

use super::codec::{Codec, code_page};

/// How many bytes the guess looks at.
const SAMPLE: usize = 64 << 10;
/// Where KOI8-U has letters and KOI8-R has lines of boxes.
const UKRAINIAN: [u8; 8] = [0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd];
/// Code pages that no detector knows, for the West and for the centre of Europe.
const WESTERN: [(&str, u32); 2] = [("IBM850", 850), ("macintosh", 10000)];
const CENTRAL: [(&str, u32); 2] = [("IBM852", 852), ("IBM437", 437)];
/// How sure a language must be to have a say.
const MIN_CONFIDENCE: f64 = 0.5;

/// The text in the encoding that fits it best, and that encoding's name.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let mut encoding = detected(sample, sample.len() == bytes.len(), None);
    if encoding == WINDOWS_1252 {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let language =
            whatlang::detect(&text).filter(|info| info.confidence() >= MIN_CONFIDENCE).map(|info| info.lang());
        let country = language.and_then(country);
        if strangeness(&text) > 0 {
            let others = if country.is_some() { [CENTRAL, WESTERN] } else { [WESTERN, CENTRAL] };
            if let Some((name, codec)) = less_strange(sample, strangeness(&text), others.as_flattened()) {
                return (codec.decode(bytes), name);
            }
        }
        if let Some(country) = country {
            encoding = detected(sample, sample.len() == bytes.len(), Some(country));
        }
    }
    encoding = match encoding {
        // The detector always names the wider of two kin, or the narrower: the letters that tell them apart decide.
        kin if kin == KOI8_U && !sample.iter().any(|byte| UKRAINIAN.contains(byte)) => KOI8_R,
        kin if kin == GBK => GB18030,
        encoding => encoding,
    };
    (encoding.decode_without_bom_handling(bytes).0, encoding.name())
}

fn detected(sample: &[u8], is_all: bool, country: Option<&[u8]>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, is_all);
    detector.guess(country, Utf8Detection::Allow)
}

/// Where a language is written that has its own code page; its letters in ASCII tell the language already.
fn country(language: Lang) -> Option<&'static [u8]> {
    Some(match language {
        Lang::Hun => b"hu",
        Lang::Pol => b"pl",
        Lang::Ces => b"cz",
        Lang::Slk => b"sk",
        Lang::Ron => b"ro",
        Lang::Hrv => b"hr",
        Lang::Slv => b"si",
        Lang::Lit => b"lt",
        Lang::Lav => b"lv",
        Lang::Est => b"ee",
        Lang::Tur => b"tr",
        _ => return None,
    })
}

/// The encoding in which the text is least strange, if that is less than now.
fn less_strange(sample: &[u8], now: i32, others: &[(&'static str, u32)]) -> Option<(&'static str, Codec)> {
    let scored = others.iter().filter_map(|(name, page)| {
        let codec = code_page(*page)?;
        Some((strangeness(&codec.decode(sample)), *name, codec))
    });
    let (score, name, codec) = scored.min_by_key(|(score, ..)| *score)?;
    (score < now && score < 0).then_some((name, codec))
}

/// How unlike words a text is: signs inside of words and capitals after small letters count for it, letters in words against it.
fn strangeness(text: &str) -> i32 {
    let mut score = 0_i32;
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        let is_inside = before.is_alphabetic() && after.is_alphabetic();
        let is_letter = c.is_alphabetic() && !matches!(c, 'ƒ' | 'ª' | 'º' | 'ˆ' | 'µ' | 'Ÿ');
        if !c.is_ascii() {
            score = score.saturating_add(match c {
                '\u{2019}' => -1,
                c if c.is_control() => 3,
                c if is_letter && c.is_uppercase() && before.is_lowercase() => 2,
                _ if is_letter && (before.is_alphabetic() || after.is_alphabetic()) => -1,
                _ if is_inside => 2,
                _ => 0,
            });
        }
        before = c;
    }
    score
}
