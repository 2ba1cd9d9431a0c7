//! Files made here, byte by byte, to be read: sound ones whose words are known, and hostile ones whose end is.

mod hostile;
mod mail;
mod package;
mod pdf;
mod picture;
mod words;

use hawser_extract::Outcome;

pub use hostile::{hostile, referring};
pub use words::sound;

/// One file, and what should come of it.
#[derive(Debug, Clone)]
pub struct Specimen {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Found in its text, white space and case aside.
    pub phrases: Vec<String>,
    /// How reading its text may end.
    pub ends: &'static [Outcome],
}

impl Specimen {
    fn sound(name: String, bytes: Vec<u8>, phrases: Vec<String>) -> Self {
        Self { name, bytes, phrases, ends: &[Outcome::Ok] }
    }
}
