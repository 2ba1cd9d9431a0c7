//! Programs that may be installed beside Hawser, and how each is asked: argument vectors only. Nothing here starts one;
//! whoever does holds it to limits, without a network and with an empty environment.
//!
//! A `Step` reads the file from descriptor 0, which must be a regular file opened for reading, and answers on standard
//! output. The steps for a picture are tried in their order until `drawn` makes something of an answer: a program that
//! ended well may have said nothing. What a program says of a stranger's file is no safer than the file; `drawn` and
//! `told` belong where files are read.

mod ask;
mod demuxer;
mod find;
mod told;

pub use ask::{Step, Tool, for_metadata, for_picture};
pub use demuxer::demuxer;
pub use find::{Tools, find_on};
pub use told::{complete, told};

use crate::{
    Fault, Source,
    detect::Format,
    picture::{self, Picture},
};

/// Makes pictures of what a program drew: a JPEG or PNG on its standard output.
///
/// # Errors
/// `Malformed` for no picture or half of one: the next step is worth trying.
pub fn drawn(stdout: Vec<u8>, sizes: &[u32]) -> Result<Vec<Picture>, Fault> {
    let source = Source { bytes: std::sync::Arc::new(stdout), name: None, mime_type: None };
    match image::guess_format(&source.bytes) {
        Ok(image::ImageFormat::Jpeg) => picture::draw_as(&source, Format::Jpeg, sizes),
        Ok(image::ImageFormat::Png) => picture::draw_as(&source, Format::Png, sizes),
        _ => Err(Fault::malformed("the program drew nothing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, picture::samples};

    #[test]
    fn what_a_program_drew_is_made_small_and_nothing_is_told_from_something() {
        let png = samples::corners(1024, 512, image::ImageFormat::Png);
        let pictures = drawn(png.clone(), &[512, 128]).unwrap();
        assert_eq!((pictures[0].info.width, pictures[1].info.width), (512, 128));
        for nothing in [Vec::new(), b"error: no frame".to_vec(), png[..40].to_vec()] {
            assert_eq!(drawn(nothing, &[512]).unwrap_err().outcome, Outcome::Malformed);
        }
    }
}
