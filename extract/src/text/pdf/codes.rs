//! Letters of East Asian fonts that do not tell them: their codes are those of a published character collection. A glyph
//! does not say which font of its page it is of, so this speaks only where all such fonts of a page agree.

use std::collections::HashMap;

use hayro_interpret::{
    hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded},
    hayro_syntax::{
        object::{Array, Dict, Name, String as Text},
        page::Page,
    },
};

/// From a code to a place in the collection, and from there to letters. Without the first, codes are places.
pub struct Codes {
    places: Option<CMap>,
    letters: CMap,
}

impl Codes {
    pub fn text(&self, code: u32) -> Option<String> {
        let place = match &self.places {
            Some(places) => [2, 1, 4, 3].into_iter().find_map(|length| places.lookup_cid_code(code, length))?,
            None => code,
        };
        match self.letters.lookup_bf_string(place)? {
            BfString::Char(c) => Some(c.to_string()),
            BfString::String(text) => Some(text),
        }
    }
}

/// What is known of the pages of one file.
#[derive(Default)]
pub struct Collections {
    /// By encoding and ordering.
    known: HashMap<(String, Vec<u8>), Option<Codes>>,
}

impl Collections {
    /// The codes of the fonts of a page that do not tell their letters, if they all have the same.
    pub fn of_page(&mut self, page: &Page<'_>) -> Option<&Codes> {
        let fonts = &page.resources().fonts;
        let mut silent = fonts.keys().take(500).filter_map(|name| silent(&fonts.get::<Dict<'_>>(name)?));
        let first = silent.next()?;
        if silent.any(|other| other != first) {
            return None;
        }
        self.known.entry(first).or_insert_with_key(|(encoding, ordering)| codes(encoding, ordering)).as_ref()
    }
}

/// Encoding and ordering of a composite font without letters of its own.
fn silent(font: &Dict<'_>) -> Option<(String, Vec<u8>)> {
    if font.get::<Name<'_>>("Subtype")?.as_str() != "Type0" || font.contains_key("ToUnicode") {
        return None;
    }
    let encoding = font.get::<Name<'_>>("Encoding")?.as_str().to_owned();
    let inner = font.get::<Array<'_>>("DescendantFonts")?.iter::<Dict<'_>>().next()?;
    let ordering = inner.get::<Dict<'_>>("CIDSystemInfo")?.get::<Text<'_>>("Ordering")?;
    Some((encoding, ordering.as_bytes().to_vec()))
}

fn codes(encoding: &str, ordering: &[u8]) -> Option<Codes> {
    let parsed = |name: CMapName<'_>| CMap::parse(load_embedded(name)?, load_embedded);
    let letters = parsed(CidFamily::from_registry_ordering(b"Adobe", ordering).ucs2_cmap()?)?;
    let places = match encoding {
        "Identity-H" | "Identity-V" => None,
        name => Some(parsed(CMapName::from_bytes(name.as_bytes()))?),
    };
    Some(Codes { places, letters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_published_collections_are_letters() {
        let read = |encoding: &str, ordering: &[u8], code: u32| codes(encoding, ordering).and_then(|c| c.text(code));
        assert_eq!(read("90ms-RKSJ-H", b"Japan1", 0x8d60).as_deref(), Some("港"));
        assert_eq!(read("UniGB-UCS2-H", b"GB1", 0x8239).as_deref(), Some("船"));
        // CID 34 is the capital A of all four.
        assert_eq!(read("Identity-H", b"Korea1", 34).as_deref(), Some("A"));
        assert!(codes("Identity-H", b"Identity").is_none());
    }
}
