//! A zip file as a set of named parts. Nothing is written anywhere: names are keys only, so that none can lead outside.
//! What is inflated is counted while it grows, over all parts together.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use crate::{Fault, Outcome};

const MAX_ENTRIES: usize = 20_000;
/// Bytes inflated out of one file.
const MAX_INFLATED: u64 = 64 << 20;

/// An open zip file.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// What may still be inflated.
    left: u64,
}

impl<'a> Archive<'a> {
    /// Opens a zip file.
    ///
    /// # Errors
    /// `TooLarge` when it has too many entries, `Malformed` when it is no zip file.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        if entries_stated(bytes).is_some_and(|entries| entries > MAX_ENTRIES) {
            return Err(too_many());
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::malformed("its zip directory is broken"))?;
        match zip.len() > MAX_ENTRIES {
            true => Err(too_many()),
            false => Ok(Self { zip, left: MAX_INFLATED }),
        }
    }

    /// The names of all parts, in the order of the directory.
    pub fn names(&self) -> Vec<String> {
        (0..self.zip.len())
            .filter_map(|index| Some(self.zip.name_for_index(index)?.ok()?.trim_start_matches('/').to_owned()))
            .collect()
    }

    /// One part, inflated; nothing if there is none. A part that is damaged gives what came before the damage.
    ///
    /// # Errors
    /// `TooLarge` when all parts together grow beyond the limit, `Encrypted` when the zip file itself is locked.
    pub fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let Some(index) = self.index_of(name) else { return Ok(None) };
        let mut part = match self.zip.by_index(index) {
            Ok(part) => part,
            Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
                return Err(Fault::encrypted());
            }
            Err(ZipError::InvalidPassword) => return Err(Fault::encrypted()),
            Err(_) => return Ok(None),
        };
        let mut bytes = Vec::new();
        // What was read stays in `bytes` when the rest cannot be: a checksum that is wrong is no reason to read nothing.
        let _ = part.by_ref().take(self.left + 1).read_to_end(&mut bytes);
        let read = bytes.len() as u64;
        if read > self.left {
            self.left = 0;
            return Err(Fault::new(Outcome::TooLarge, "it inflates to more than is read"));
        }
        self.left -= read;
        Ok(Some(bytes))
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.zip.index_for_name(name).or_else(|| {
            (0..self.zip.len()).find(|index| {
                let found = self.zip.name_for_index(*index).and_then(Result::ok);
                found.is_some_and(|found| found.trim_start_matches('/').eq_ignore_ascii_case(name))
            })
        })
    }
}

fn too_many() -> Fault {
    Fault::new(Outcome::TooLarge, "it has more entries than are read")
}

/// How many entries the end of the directory speaks of; asked before any memory is given to them.
fn entries_stated(bytes: &[u8]) -> Option<usize> {
    let tail = &bytes[bytes.len().saturating_sub(66_000)..];
    let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count = tail.get(at + 10..at + 12)?;
    Some(usize::from(u16::from_le_bytes([count[0], count[1]])))
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    /// A zip file of these parts.
    pub fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn parts_are_found_by_name_whatever_its_case() {
        let bytes = zipped(&[("META-INF/a.xml", b"one"), ("/b", b"two")]);
        let mut archive = Archive::open(&bytes).unwrap();
        assert_eq!(archive.part("meta-inf/A.xml").unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(archive.part("b").unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(archive.part("c").unwrap(), None);
        assert_eq!(archive.names(), ["META-INF/a.xml", "b"]);
    }

    #[test]
    fn parts_may_not_grow_beyond_the_limit_together() {
        let zeros = vec![0; 40 << 20];
        let bytes = zipped(&[("a", &zeros), ("b", &zeros)]);
        let mut archive = Archive::open(&bytes).unwrap();
        assert_eq!(archive.part("a").unwrap().unwrap().len(), zeros.len());
        assert_eq!(archive.part("b").unwrap_err().outcome, Outcome::TooLarge);
    }

    #[test]
    fn too_many_entries_are_refused_before_they_are_listed() {
        let mut bytes = zipped(&[("a", b"")]);
        let end = bytes.len() - 22;
        bytes[end + 10..end + 12].copy_from_slice(&60_000_u16.to_le_bytes());
        assert_eq!(Archive::open(&bytes).err().unwrap().outcome, Outcome::TooLarge);
    }

    #[test]
    fn a_damaged_part_gives_what_comes_before_the_damage() {
        let mut bytes = zipped(&[("a", b"knotted rope, knotted rope, and more of it")]);
        let last = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[14] ^= 0xff;
        bytes[last + 16] ^= 0xff;
        let part = Archive::open(&bytes).unwrap().part("a").unwrap().unwrap();
        assert!(part.starts_with(b"knotted rope"));
    }
}
