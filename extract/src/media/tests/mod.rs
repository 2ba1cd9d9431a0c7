//! Metadata of files that the tests write themselves, byte by byte, and of bytes that are no file at all.

mod anything;
mod films;
pub(crate) mod make;
pub(crate) mod pictures;
mod sounds;

use crate::{
    Metadata,
    detect::Format,
    picture::samples,
    text::{Reading, Stop},
};

/// What a file of that format says, and the words in it.
fn read(format: Format, bytes: Vec<u8>) -> (Metadata, String) {
    let mut reading = Reading::default();
    super::read(&samples::source(bytes), format, &mut reading).unwrap();
    (reading.metadata, reading.sink.finish())
}

fn refused(format: Format, bytes: Vec<u8>) -> crate::Outcome {
    match super::read(&samples::source(bytes), format, &mut Reading::default()) {
        Err(Stop::Fault(fault)) => fault.outcome,
        other => panic!("not refused: {other:?}"),
    }
}
