//! OLE compound files: which of their root's names tells what they hold. A broken one is asked for the same names where
//! its directory would be.

use std::io::Cursor;

use super::Format;

const MARK: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Names in the root, the more telling first; lower case.
const NAMES: [(&str, Format); 10] = [
    ("encryptedpackage", Format::SealedOffice),
    ("encryptioninfo", Format::SealedOffice),
    ("__properties_version1.0", Format::Msg),
    ("__nameid_version1.0", Format::Msg),
    ("worddocument", Format::Doc),
    ("powerpoint document", Format::Ppt),
    ("pp97_dualstorage", Format::Ppt),
    ("pp40", Format::Ppt),
    ("workbook", Format::Xls),
    ("book", Format::Xls),
];

/// `None` where it is no compound file at all.
pub fn format(bytes: &[u8]) -> Option<Format> {
    if !bytes.starts_with(&MARK) {
        return None;
    }
    let names: Vec<String> = match cfb::CompoundFile::open(Cursor::new(bytes)) {
        Ok(file) => file.read_root_storage().take(10_000).map(|entry| entry.name().to_lowercase()).collect(),
        Err(_) => loose_names(bytes),
    };
    let known = NAMES.iter().find(|(name, _)| names.iter().any(|n| n == name)).map(|(_, format)| *format);
    let is_message = || names.iter().any(|n| n.starts_with("__substg1.0_"));
    Some(known.unwrap_or_else(|| if is_message() { Format::Msg } else { Format::Unknown }))
}

/// The names of whatever looks like a directory entry: entries are 128 bytes, at multiples of that, with the length of
/// the name behind its 64 bytes.
fn loose_names(bytes: &[u8]) -> Vec<String> {
    let entries = bytes.as_chunks::<128>().0.iter().skip(4);
    entries
        .filter(|entry| entry[66] <= 5 && entry[67] <= 1)
        .filter_map(|entry| {
            let length = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
            if !(4..=64).contains(&length) || length % 2 != 0 {
                return None;
            }
            let units = entry[..length - 2].as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
            let name: String = char::decode_utf16(units).collect::<Result<String, _>>().ok()?;
            (!name.contains('\0')).then(|| name.to_lowercase())
        })
        .take(10_000)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn holding(names: &[&str]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for name in names {
            file.create_stream(format!("/{name}")).unwrap().write_all(&[7; 100]).unwrap();
        }
        file.into_inner().into_inner()
    }

    #[test]
    fn the_root_tells_what_a_compound_file_is() {
        for (name, expected) in [
            ("WordDocument", Format::Doc),
            ("Workbook", Format::Xls),
            ("BOOK", Format::Xls),
            ("PowerPoint Document", Format::Ppt),
            ("EncryptedPackage", Format::SealedOffice),
            ("__substg1.0_0037001F", Format::Msg),
            ("CONTENTS", Format::Unknown),
        ] {
            assert_eq!(format(&holding(&["other", name])), Some(expected), "{name}");
        }
        assert_eq!(format(b"no such thing"), None);
    }

    #[test]
    fn a_workbook_inside_a_letter_leaves_it_a_letter() {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_storage("/ObjectPool").unwrap();
        file.create_stream("/ObjectPool/Workbook").unwrap().write_all(b"x").unwrap();
        file.create_stream("/WordDocument").unwrap().write_all(b"x").unwrap();
        assert_eq!(format(&file.into_inner().into_inner()), Some(Format::Doc));
    }

    #[test]
    fn a_broken_directory_still_has_names() {
        let mut bytes = holding(&["PowerPoint Document"]);
        // The table of sectors points nowhere.
        bytes[0x2c..0x30].copy_from_slice(&u32::MAX.to_le_bytes());
        bytes[0x4c..0x50].copy_from_slice(&77u32.to_le_bytes());
        assert!(cfb::CompoundFile::open(Cursor::new(&bytes[..])).is_err());
        assert_eq!(format(&bytes), Some(Format::Ppt));
    }
}
