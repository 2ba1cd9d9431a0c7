//! What pictures, sounds and films say of themselves. None of them has text but titles and captions.

use crate::{
    Fault, Outcome, Source,
    detect::Format,
    text::{Reading, Stop},
};

pub fn read(_source: &Source, _format: Format, _into: &mut Reading) -> Result<(), Stop> {
    Err(Fault::new(Outcome::Unsupported, "this kind of file is not read").into())
}
