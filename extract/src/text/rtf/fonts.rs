//! Which code page the bytes of a text are in: every font of an RTF file may have its own.

use std::collections::HashMap;

use crate::text::charset::{self, Codec};

/// The fonts of a file and the code page of everything else.
#[derive(Debug)]
pub struct Fonts {
    pages: HashMap<i32, Codec>,
    default: Codec,
    /// The font whose entry is being read.
    current: i32,
}

impl Default for Fonts {
    fn default() -> Self {
        Self { pages: HashMap::new(), default: Codec::Standard(encoding_rs::WINDOWS_1252), current: 0 }
    }
}

impl Fonts {
    pub fn set_default(&mut self, page: u32) {
        if let Some(codec) = charset::code_page(page) {
            self.default = codec;
        }
    }

    /// A control word inside the font table.
    pub fn take(&mut self, word: &[u8], number: Option<i32>) {
        let number = number.unwrap_or(0);
        match word {
            b"f" => self.current = number,
            b"fcharset" => {
                if let Some(codec) = of_font_charset(number) {
                    self.pages.insert(self.current, codec);
                }
            }
            b"cpg" => {
                if let Some(codec) = u32::try_from(number).ok().and_then(charset::code_page) {
                    self.pages.insert(self.current, codec);
                }
            }
            _ => {}
        }
    }

    /// The code page of text in a font.
    pub fn codec(&self, font: Option<i32>) -> Codec {
        font.and_then(|font| self.pages.get(&font)).copied().unwrap_or(self.default)
    }
}

/// The code page of a Windows character set, as fonts name it; nothing for "default" and what has none.
fn of_font_charset(number: i32) -> Option<Codec> {
    let page = match number {
        0 => 1252,
        2 => return Some(Codec::Symbols),
        77 => 10000,
        78 | 128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        _ => return None,
    };
    charset::code_page(page)
}
