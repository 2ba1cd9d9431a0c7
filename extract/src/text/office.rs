//! Not read yet.

use super::{Reading, Stop};
use crate::{Fault, Outcome, Source, detect::Format};

pub fn read(_source: &Source, _format: Format, _into: &mut Reading) -> Result<(), Stop> {
    Err(Fault::new(Outcome::Unsupported, "this kind of file is not read").into())
}
