//! Values of a PDF that are not drawn: its strings and dates.

use hayro_interpret::hayro_syntax::{
    object::{Array, DateTime, Dict, MaybeRef},
    xref::XRef,
};

/// The dictionaries of an array, whatever stands between them.
pub fn dicts<'a>(array: &Array<'a>, xref: &'a XRef) -> impl Iterator<Item = Dict<'a>> {
    array.raw_iter().filter_map(move |item| match item {
        MaybeRef::Ref(to) => xref.get::<Dict<'a>>(to.into()),
        MaybeRef::NotRef(object) => object.into_dict(),
    })
}

/// A text string: UTF-16 or UTF-8 by its mark, or else PDF's own encoding.
pub fn text(bytes: &[u8]) -> String {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Written so by many, though it is not allowed.
        _ if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() => String::from_utf8_lossy(bytes).into_owned(),
        _ => bytes.iter().map(|byte| letter(*byte)).collect(),
    };
    without_language(&text)
}

/// In UTF-16, the language may stand between two escapes.
fn without_language(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|c| {
            let was = inside;
            inside ^= *c == '\u{1b}';
            !was && !inside
        })
        .collect()
}

/// PDFDocEncoding: as ISO 8859-1, with these in the places it leaves free.
fn letter(byte: u8) -> char {
    const HIGH: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł',
        'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
    ];
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    match byte {
        0x18..=0x1f => LOW[usize::from(byte - 0x18)],
        0x80..=0xa0 => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// RFC 3339.
pub fn date(date: &DateTime) -> String {
    let DateTime { year, month, day, hour, minute, second, utc_offset_hour, utc_offset_minute } = *date;
    let day_and_time = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    match (utc_offset_hour, utc_offset_minute) {
        (0, 0) => format!("{day_and_time}Z"),
        (hours, minutes) => {
            let sign = if hours < 0 { '-' } else { '+' };
            format!("{day_and_time}{sign}{:02}:{minutes:02}", hours.unsigned_abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_in_each_of_their_encodings() {
        assert_eq!(text(b"caf\xe9 \x90s\x84"), "café ’s—");
        assert_eq!(text(b"\xfe\xff\x04\x1f\x04\x40"), "Пр");
        assert_eq!(text(b"\xef\xbb\xbfna\xc3\xafve"), "naïve");
        assert_eq!(
            text(
                "\u{feff}\u{1b}en\u{1b}words".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>().as_slice()
            ),
            "words"
        );
    }

    #[test]
    fn dates_keep_their_offset() {
        let mut at = DateTime {
            year: 2024,
            month: 3,
            day: 9,
            hour: 8,
            minute: 7,
            second: 6,
            utc_offset_hour: -5,
            utc_offset_minute: 30,
        };
        assert_eq!(date(&at), "2024-03-09T08:07:06-05:30");
        (at.utc_offset_hour, at.utc_offset_minute) = (0, 0);
        assert_eq!(date(&at), "2024-03-09T08:07:06Z");
    }
}
