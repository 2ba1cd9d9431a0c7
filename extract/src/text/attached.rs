//! Files inside files: attachments of mails, objects inside documents. They are told by their bytes like any file, their text
//! follows that of the file around them, and what they say of themselves is not said of that file.

use super::{Full, Reading, Stop, pour};
use crate::{Source, detect};

/// How deep files are read inside others.
const MAX_DEPTH: u8 = 2;

/// Files inside one file that are read.
pub const MAX_FILES: usize = 100;

/// Whether a file inside the one being read is still read.
pub fn is_allowed(into: &Reading) -> bool {
    into.depth < MAX_DEPTH
}

/// Pours the text of a file inside; one that cannot be read takes nothing from the file around it.
///
/// # Errors
/// `Full` when the sink is.
pub fn pour_file(source: &Source, into: &mut Reading) -> Result<(), Full> {
    inside(into, |into| pour(source, detect::format(source), into))
}

/// Reads something that lies inside the file being read.
///
/// # Errors
/// `Full` when the sink is.
pub fn inside(into: &mut Reading, read: impl FnOnce(&mut Reading) -> Result<(), Stop>) -> Result<(), Full> {
    if !is_allowed(into) {
        return Ok(());
    }
    into.sink.line()?;
    let (metadata, encoding) = (into.metadata.clone(), into.encoding.clone());
    let (is_poor, needs_ocr) = (into.is_poor, into.needs_ocr);
    into.depth += 1;
    let ended = read(into);
    into.depth -= 1;
    (into.metadata, into.encoding, into.is_poor, into.needs_ocr) = (metadata, encoding, is_poor, needs_ocr);
    match ended {
        Err(Stop::Full) => Err(Full),
        Ok(()) | Err(Stop::Fault(_)) => into.sink.line(),
    }
}
