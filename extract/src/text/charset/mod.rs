//! Bytes become characters: which encoding a text is in, by marks, by what others declare, and by guess.
//! Comes in: bytes of a text of any origin. Goes out: the text and its encoding, or nothing where the bytes are no text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

mod codec;
mod utf16;

pub use codec::{Codec, code_page};

/// How many bytes the guess looks at.
const SAMPLE: usize = 1 << 20;

/// Where KOI8-U has letters and KOI8-R has lines of boxes.
const UKRAINIAN: [u8; 8] = [0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd];

/// A text and the encoding it was in.
#[derive(Debug)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static Encoding,
}

/// Turns bytes into text. `declared` is what a header says; it counts only where the bytes themselves do not contradict.
/// Nothing comes back where the bytes are not a text.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Option<Decoded<'a>> {
    let decoded = decode_any(bytes, declared);
    is_text(&decoded.text, decoded.encoding).then_some(decoded)
}

/// As `decode`, for bytes that are a text by all that is known of them.
pub fn decode_any<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Decoded<'a> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Decoded { text, encoding };
    }
    let encoding = match utf16::guess(bytes) {
        Some(encoding) => encoding,
        None if is_iso_2022_jp(bytes) => ISO_2022_JP,
        None if is_utf_8(bytes) => UTF_8,
        None => match declared.filter(|encoding| fits(encoding, bytes)) {
            Some(encoding) => encoding,
            None => guess(bytes),
        },
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { text, encoding }
}

/// The best guess for bytes that are not UTF-8 and carry no mark.
pub fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == bytes.len());
    match detector.guess(None, Utf8Detection::Allow) {
        // The detector always names the wider of two kin, or the narrower: the letters that tell them apart decide.
        kin if kin == encoding_rs::KOI8_U && !sample.iter().any(|byte| UKRAINIAN.contains(byte)) => encoding_rs::KOI8_R,
        kin if kin == encoding_rs::GBK => encoding_rs::GB18030,
        encoding => encoding,
    }
}

/// The encoding a MIME type names: `text/plain; charset=koi8-r`.
pub fn of_mime_type(mime_type: Option<&str>) -> Option<&'static Encoding> {
    let (_, rest) = mime_type?.split_once(';')?;
    rest.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        match name.trim().eq_ignore_ascii_case("charset") {
            true => Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes()),
            false => None,
        }
    })
}

/// Whether the bytes are what an encoding would have written.
fn fits(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    if encoding == UTF_16LE || encoding == UTF_16BE || encoding == encoding_rs::REPLACEMENT {
        return false;
    }
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    !had_errors && !text.contains(|c: char| ('\u{80}'..='\u{9f}').contains(&c) && c != '\u{85}')
}

/// Escapes into Japanese in a text of seven bits; as UTF-8 it would be gibberish in ASCII.
fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    const ESCAPES: [&[u8]; 3] = [b"\x1b$B", b"\x1b$@", b"\x1b(J"];
    bytes.contains(&0x1b) && bytes.is_ascii() && bytes.windows(3).any(|three| ESCAPES.contains(&three))
}

/// Valid UTF-8, or nearly: one broken character in a long text is no reason to misread all the others.
fn is_utf_8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good > bad.saturating_mul(20)
}

/// Text has few controls; any bytes at all decode as some single-byte encoding, so that there less is borne.
fn is_text(text: &str, encoding: &'static Encoding) -> bool {
    let (mut all, mut odd) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        odd += usize::from(
            (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}'..='\u{c}' | '\u{85}')) || c == '\u{fffd}',
        );
    }
    let per_cent = if encoding == UTF_8 { 30 } else { 10 };
    odd * 100 <= all * per_cent
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str = "Капитан внимательно проверил грузовые документы перед отходом судна из гавани.";

    fn name_of(bytes: &[u8]) -> Option<&'static str> {
        decode(bytes, None).map(|decoded| decoded.encoding.name())
    }

    fn in_utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf16_without_a_mark_is_known_by_its_columns() {
        for text in [
            RUSSIAN,
            "Die Werft prüfte das Schiff.\nDanach lief es aus.",
            "船は港を出る前に、\n積荷の書類を念入りに確かめた。",
        ] {
            assert_eq!(name_of(&in_utf16(text, u16::to_le_bytes)), Some("UTF-16LE"), "{text}");
            assert_eq!(name_of(&in_utf16(text, u16::to_be_bytes)), Some("UTF-16BE"), "{text}");
        }
    }

    #[test]
    fn a_mark_decides_and_is_left_out() {
        let decoded = decode(b"\xef\xbb\xbfrope", None).unwrap();
        assert_eq!((decoded.encoding.name(), &*decoded.text), ("UTF-8", "rope"));
        let decoded = decode(b"\xff\xfer\0o\0", None).unwrap();
        assert_eq!((decoded.encoding.name(), &*decoded.text), ("UTF-16LE", "ro"));
    }

    #[test]
    fn escapes_into_japanese_are_seen_before_ascii() {
        let (bytes, ..) = ISO_2022_JP.encode("船は港を出る");
        assert_eq!(name_of(&bytes), Some("ISO-2022-JP"));
        assert_eq!(name_of(b"\x1b[31mred\x1b[0m"), Some("UTF-8"));
    }

    #[test]
    fn one_broken_character_does_not_spoil_a_text_in_utf_8() {
        let mut bytes = RUSSIAN.as_bytes().to_vec();
        bytes.push(0xd0);
        assert_eq!(name_of(&bytes), Some("UTF-8"));
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(RUSSIAN);
        assert_eq!(name_of(&bytes), Some("windows-1251"));
    }

    #[test]
    fn what_is_declared_counts_only_where_the_bytes_agree() {
        let declared = of_mime_type(Some("text/plain; format=flowed; charset=\"KOI8-R\""));
        let (koi, ..) = encoding_rs::KOI8_R.encode("да");
        assert_eq!(decode_any(&koi, declared).encoding.name(), "KOI8-R");
        assert_eq!(decode_any("да".as_bytes(), declared).encoding.name(), "UTF-8");
        assert_eq!(decode_any(b"caf\xe9 au lait", Some(UTF_8)).encoding.name(), "windows-1252");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(name_of(&noise), None);
        assert_eq!(name_of(&[1, 2, 3, b'a']), None);
        assert_eq!(name_of(b"fields\0\0and\0more text of a record"), Some("UTF-8"));
    }
}
