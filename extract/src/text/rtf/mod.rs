//! Not read yet.

use super::{Reading, Stop};
use crate::{Fault, Outcome, Source};

pub fn read(_source: &Source, _into: &mut Reading) -> Result<(), Stop> {
    Err(Fault::new(Outcome::Unsupported, "this kind of file is not read").into())
}
