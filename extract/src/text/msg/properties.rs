//! A message store's properties in an OLE file: strings, bytes, numbers and times of one message, recipient or attachment.

use std::{
    borrow::Cow,
    cell::RefCell,
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use encoding_rs::Encoding;

use crate::{
    Fault,
    text::{
        charset::{self, Codec},
        stated::Date,
    },
};

/// Bytes of one property that are read.
const MAX_VALUE: u64 = 64 << 20;
/// Seconds between 1601, where times here begin, and 1970.
const EPOCHS: i64 = 11_644_473_600;

/// The OLE file.
pub struct Store<'a> {
    file: RefCell<cfb::CompoundFile<Cursor<&'a [u8]>>>,
}

impl<'a> Store<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        let file =
            cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| Fault::malformed("its OLE directory is broken"))?;
        Ok(Self { file: RefCell::new(file) })
    }

    fn stream(&self, path: &Path) -> Option<Vec<u8>> {
        let mut file = self.file.borrow_mut();
        if !file.is_stream(path) {
            return None;
        }
        let mut bytes = Vec::new();
        // A stream that breaks off is read as far as it goes.
        let _ = file.open_stream(path).ok()?.take(MAX_VALUE).read_to_end(&mut bytes);
        Some(bytes)
    }
}

/// One storage of the file: a message, a recipient or an attachment.
pub struct Properties<'s, 'b> {
    store: &'s Store<'b>,
    path: PathBuf,
    /// Tag and value of everything that is no longer than eight bytes.
    fixed: Vec<(u16, u64)>,
    encoding: Option<&'static Encoding>,
}

impl<'s, 'b> Properties<'s, 'b> {
    /// The properties of a storage; strings without an encoding of their own are in that of the message around.
    pub fn of(store: &'s Store<'b>, path: PathBuf, head: usize, encoding: Option<&'static Encoding>) -> Self {
        let table = store.stream(&path.join("__properties_version1.0")).unwrap_or_default();
        let fixed = table.get(head..).unwrap_or_default().chunks_exact(16).filter_map(|entry| {
            let tag = u16::from_le_bytes([entry[2], entry[3]]);
            Some((tag, u64::from_le_bytes(entry[8..].try_into().ok()?)))
        });
        let mut properties = Self { store, fixed: fixed.collect(), path, encoding };
        if let Some(own) = properties.own_encoding() {
            properties.encoding = Some(own);
        }
        properties
    }

    /// What the message says its strings are in: a code page, or else its language. ASCII says nothing.
    fn own_encoding(&self) -> Option<&'static Encoding> {
        let pages = [0x3ffd, 0x3fde].iter().filter_map(|tag| self.number(*tag)).filter(|page| *page != 20127);
        let codec = pages.chain(self.number(0x3ff1).and_then(page_of_language)).find_map(charset::code_page);
        match codec {
            Some(Codec::Standard(encoding)) => Some(encoding),
            _ => None,
        }
    }

    /// The encoding of bodies: another property tells of them first.
    pub fn body_encoding(&self) -> Option<&'static Encoding> {
        match self.number(0x3fde).filter(|page| *page != 20127).and_then(charset::code_page) {
            Some(Codec::Standard(encoding)) => Some(encoding),
            _ => self.encoding,
        }
    }

    pub fn encoding(&self) -> Option<&'static Encoding> {
        self.encoding
    }

    fn value(&self, tag: u16, kind: u16) -> Option<Vec<u8>> {
        self.store.stream(&self.path.join(format!("__substg1.0_{tag:04X}{kind:04X}")))
    }

    /// A string, and the encoding it was in where it was in bytes.
    pub fn encoded_text(&self, tag: u16) -> Option<(String, Option<&'static str>)> {
        if let Some(bytes) = self.value(tag, 0x001f) {
            let (text, _) = encoding_rs::UTF_16LE.decode_without_bom_handling(&bytes);
            return Some((trimmed(text), None));
        }
        let bytes = self.value(tag, 0x001e)?;
        let decoded = charset::decode_any(&bytes, self.encoding);
        Some((trimmed(decoded.text), Some(decoded.encoding)))
    }

    pub fn text(&self, tag: u16) -> Option<String> {
        self.encoded_text(tag).map(|(text, _)| text).filter(|text| !text.trim().is_empty())
    }

    pub fn bytes(&self, tag: u16) -> Option<Vec<u8>> {
        self.value(tag, 0x0102)
    }

    pub fn number(&self, tag: u16) -> Option<u32> {
        let (_, value) = self.fixed.iter().find(|(found, _)| *found == tag)?;
        Some((*value & 0xffff_ffff) as u32)
    }

    /// A time in UTC.
    pub fn time(&self, tag: u16) -> Option<String> {
        let (_, value) = self.fixed.iter().find(|(found, value)| *found == tag && *value > 0)?;
        let seconds = i64::try_from(value / 10_000_000).ok()? - EPOCHS;
        Date::of_unix(seconds).checked().map(|date| format!("{date}Z"))
    }

    /// Storages inside whose names begin so, in their order.
    pub fn inside(&self, prefix: &str) -> Vec<PathBuf> {
        let file = self.store.file.borrow();
        let Ok(entries) = file.read_storage(&self.path) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries
            .filter(|entry| entry.is_storage() && entry.name().starts_with(prefix))
            .map(|entry| entry.path().to_path_buf())
            .collect();
        paths.sort();
        paths
    }

    /// The tags that properties of a number in one of the public sets have in this file.
    pub fn named(&self, numbers: &[u32]) -> Vec<u16> {
        let table = self.store.stream(Path::new("/__nameid_version1.0/__substg1.0_00030102")).unwrap_or_default();
        let mut tags = Vec::new();
        for entry in table.chunks_exact(8) {
            let number = u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]);
            let has_name = entry[4] & 1 == 1;
            let index = u16::from_le_bytes([entry[6], entry[7]]);
            if !has_name && numbers.contains(&number) {
                tags.extend(0x8000_u16.checked_add(index));
            }
        }
        tags
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn trimmed(text: Cow<'_, str>) -> String {
    text.trim_end_matches('\0').to_owned()
}

/// The code page that goes with a language of Windows.
fn page_of_language(language: u32) -> Option<u32> {
    Some(match language & 0x3ff {
        0x11 => 932,
        0x12 => 949,
        0x04 if matches!(language, 0x0404 | 0x0c04 | 0x1404) => 950,
        0x04 => 936,
        0x1e => 874,
        0x05 | 0x0e | 0x15 | 0x18 | 0x1b | 0x1c | 0x24 => 1250,
        0x1a if matches!(language, 0x0c1a | 0x1c1a) => 1251,
        0x1a => 1250,
        0x02 | 0x19 | 0x22 | 0x23 | 0x2f => 1251,
        0x08 => 1253,
        0x1f => 1254,
        0x0d => 1255,
        0x01 | 0x20 | 0x29 => 1256,
        0x25..=0x27 => 1257,
        0x2a => 1258,
        _ => return None,
    })
}
