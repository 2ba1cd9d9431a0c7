//! Bytes become characters: which encoding a text is in, by marks, by what others declare, and by guess.
//! Comes in: bytes of a text of any origin. Goes out: the text and its encoding, or nothing where the bytes are no text.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

mod codec;
mod older;
mod utf16;

pub use codec::{Codec, code_page};

/// A text and the encoding it was in.
#[derive(Debug)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// Its name, as in the WHATWG standard where that knows it.
    pub encoding: &'static str,
}

/// Turns bytes into text. `declared` is what a header says; it counts only where the bytes themselves do not contradict.
/// Nothing comes back where the bytes are not a text.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Option<Decoded<'a>> {
    let decoded = decode_any(bytes, declared);
    is_text(&decoded.text, decoded.encoding).then_some(decoded)
}

/// As `decode`, for bytes that are a text by all that is known of them.
pub fn decode_any<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Decoded<'a> {
    if let Some(decoded) = utf32(bytes) {
        return decoded;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Decoded { text, encoding: encoding.name() };
    }
    let encoding = match utf16::guess(bytes) {
        Some(encoding) => encoding,
        None if is_iso_2022_jp(bytes) => ISO_2022_JP,
        None if is_utf_8(bytes) => UTF_8,
        None => match declared.filter(|encoding| fits(encoding, bytes)) {
            Some(encoding) => encoding,
            None => {
                let (text, encoding) = older::decode(bytes);
                return Decoded { text, encoding };
            }
        },
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { text, encoding: encoding.name() }
}

/// UTF-32, which the standard has given up; only with its mark.
fn utf32(bytes: &[u8]) -> Option<Decoded<'_>> {
    let (unit, encoding): (fn([u8; 4]) -> u32, _) = match bytes.get(..4)? {
        b"\xff\xfe\0\0" => (u32::from_le_bytes, "UTF-32LE"),
        b"\0\0\xfe\xff" => (u32::from_be_bytes, "UTF-32BE"),
        _ => return None,
    };
    let (units, _) = bytes[4..].as_chunks::<4>();
    let text: String = units.iter().map(|four| char::from_u32(unit(*four)).unwrap_or('\u{fffd}')).collect();
    Some(Decoded { text: text.into(), encoding })
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
fn is_text(text: &str, encoding: &str) -> bool {
    let (mut all, mut odd) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        odd += usize::from(
            (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}'..='\u{c}' | '\u{85}')) || c == '\u{fffd}',
        );
    }
    let per_cent = if encoding == UTF_8.name() { 30 } else { 10 };
    odd * 100 <= all * per_cent
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str = "Капитан внимательно проверил грузовые документы перед отходом судна из гавани.";

    fn name_of(bytes: &[u8]) -> Option<&'static str> {
        decode(bytes, None).map(|decoded| decoded.encoding)
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
        assert_eq!((decoded.encoding, &*decoded.text), ("UTF-8", "rope"));
        let decoded = decode(b"\xff\xfer\0o\0", None).unwrap();
        assert_eq!((decoded.encoding, &*decoded.text), ("UTF-16LE", "ro"));
    }

    #[test]
    fn scripts_of_east_asia_in_utf16_are_known_by_what_stands_between_their_letters() {
        for text in [
            "船长在船只出港之前仔细检查了货物文件。\n后来大家一听到了钟声，于是开始工作。",
            "선장은 배가 항구를 떠나기 전에",
            "กัปตันตรวจสอบเอกสารสินค้า",
            "जहाज के बंदरगाह छोड़ने से पहले",
        ] {
            assert_eq!(name_of(&in_utf16(text, u16::to_le_bytes)), Some("UTF-16LE"), "{text}");
            assert_eq!(name_of(&in_utf16(text, u16::to_be_bytes)), Some("UTF-16BE"), "{text}");
        }
        for (text, encoding) in [
            ("船长在船只出港之前仔细检查了货物文件", encoding_rs::GB18030),
            ("선장은배가항구를떠나기전에", encoding_rs::EUC_KR),
        ] {
            assert_eq!(name_of(&encoding.encode(text).0), Some(encoding.name()), "{text}");
        }
    }

    #[test]
    fn code_pages_that_no_detector_knows_are_known_by_their_words() {
        let german = "Die Schiffswerft \u{81}berpr\u{81}fte s\u{84}mtliche Taue.";
        let bytes: Vec<u8> = german.chars().map(|c| c as u8).collect();
        let decoded = decode(&bytes, None).unwrap();
        assert_eq!((decoded.encoding, &*decoded.text), ("IBM850", "Die Schiffswerft überprüfte sämtliche Taue."));
        let (bytes, ..) = encoding_rs::MACINTOSH.encode("L'équipage était prêt à réparer la coque abîmée");
        assert_eq!(name_of(&bytes), Some("macintosh"));
        let english = "“Don’t”, said he – it’s not mine…";
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(english);
        assert_eq!(decode(&bytes, None).unwrap().text, english);
    }

    #[test]
    fn a_language_tells_its_code_page() {
        let (bytes, ..) = encoding_rs::WINDOWS_1250.encode(
            "A hajógyár minden kötelet megvizsgált, mielőtt a hajó elhagyta a kikötőt. Ezután megszólalt a harang, és őrök jöttek a partra.",
        );
        assert!(decode(&bytes, None).unwrap().text.contains("őrök"));
    }

    #[test]
    fn utf32_with_its_mark_is_read() {
        let decoded = decode(b"\xff\xfe\0\0r\0\0\0o\0\0\0", None).unwrap();
        assert_eq!((decoded.encoding, &*decoded.text), ("UTF-32LE", "ro"));
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
        assert_eq!(decode_any(&koi, declared).encoding, "KOI8-R");
        assert_eq!(decode_any("да".as_bytes(), declared).encoding, "UTF-8");
        assert_eq!(decode_any(b"caf\xe9 au lait", Some(UTF_8)).encoding, "windows-1252");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(name_of(&noise), None);
        assert_eq!(name_of(&[1, 2, 3, b'a']), None);
        assert_eq!(name_of(b"a\tb\tc\td\te\tf\tg\th\t"), Some("UTF-8"));
        assert_eq!(name_of(b"fields\0\0and\0more text of a record"), Some("UTF-8"));
    }
}
