//! Code pages by number: those of the WHATWG standard, and those of DOS that it does not know.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// How bytes of a known code page become characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Standard(&'static Encoding),
    /// The upper half of a code page of DOS.
    Dos(&'static str),
    /// A font of symbols: its upper half is no text.
    Symbols,
}

impl Codec {
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Standard(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Self::Dos(upper) => {
                let letter = |byte: &u8| match byte.checked_sub(0x80) {
                    Some(at) => upper.chars().nth(usize::from(at)).unwrap_or('\u{fffd}'),
                    None => char::from(*byte),
                };
                bytes.iter().map(letter).collect()
            }
            Self::Symbols => bytes.iter().filter(|byte| byte.is_ascii()).map(|byte| char::from(*byte)).collect(),
        }
    }
}

const DOS_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const DOS_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const DOS_852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";

/// The code page of a number, if it is known.
pub fn code_page(number: u32) -> Option<Codec> {
    let label = match number {
        437 => return Some(Codec::Dos(DOS_437)),
        850 | 858 => return Some(Codec::Dos(DOS_850)),
        852 => return Some(Codec::Dos(DOS_852)),
        65001 => "utf-8",
        1200 => "utf-16le",
        1201 => "utf-16be",
        932 | 943 => "shift_jis",
        936 => "gbk",
        54936 => "gb18030",
        949 | 1361 | 51949 => "euc-kr",
        950 => "big5",
        866 => "ibm866",
        874 => "windows-874",
        10000 => "macintosh",
        10007 | 10017 => "x-mac-cyrillic",
        20866 => "koi8-r",
        21866 => "koi8-u",
        20932 | 51932 => "euc-jp",
        50220..=50222 => "iso-2022-jp",
        20127 | 28591 => "windows-1252",
        28592 => "iso-8859-2",
        28593 => "iso-8859-3",
        28594 => "iso-8859-4",
        28595 => "iso-8859-5",
        28596 => "iso-8859-6",
        28597 => "iso-8859-7",
        28598 => "iso-8859-8",
        28599 => "windows-1254",
        28603 => "iso-8859-13",
        28605 => "iso-8859-15",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1252 => "windows-1252",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        _ => return None,
    };
    Encoding::for_label(label.as_bytes()).map(Codec::Standard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_of_dos_have_all_their_letters() {
        for page in [437, 850, 852] {
            let Some(Codec::Dos(upper)) = code_page(page) else { panic!("{page} is unknown") };
            assert_eq!(upper.chars().count(), 128, "{page}");
        }
        assert_eq!(code_page(437).unwrap().decode(b"\x81ber \xe1"), "über ß");
        assert_eq!(code_page(852).unwrap().decode(b"\x88"), "ł");
    }

    #[test]
    fn symbols_are_no_text() {
        assert_eq!(Codec::Symbols.decode(b"a\xb7b"), "ab");
        assert_eq!(code_page(932).unwrap().decode(b"\x82\xa0"), "あ");
        assert_eq!(code_page(4711), None);
    }
}
