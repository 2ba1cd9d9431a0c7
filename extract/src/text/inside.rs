//! Files inside a file: attachments and embedded objects, read through the same door and said of the outer file.

use std::sync::Arc;

use super::{Reading, Stop, pour};
use crate::{Source, detect};

/// How deep a file is still opened: what is attached to what is attached.
pub const MAX_DEPTH: u8 = 2;

/// Reads one file inside another, if it does not lie too deep. What it says of itself is not said of the outer file, and
/// its faults are its own.
///
/// # Errors
/// `Full` when the sink is.
pub fn read(bytes: Vec<u8>, name: Option<String>, into: &mut Reading) -> Result<(), Stop> {
    if into.depth >= MAX_DEPTH {
        return Ok(());
    }
    let source = Source { bytes: Arc::new(bytes), name, mime_type: None };
    let outer = (into.metadata.clone(), into.encoding.clone(), into.is_poor, into.needs_ocr);
    into.sink.line()?;
    into.depth += 1;
    let ended = pour(&source, detect::format(&source), into);
    into.depth -= 1;
    (into.metadata, into.encoding, into.is_poor, into.needs_ocr) = outer;
    match ended {
        _ if into.sink.is_full() => Err(Stop::Full),
        _ => Ok(into.sink.line()?),
    }
}
