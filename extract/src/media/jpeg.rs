//! The segments of a JPEG: its size, and the blocks of EXIF, XMP, IPTC and comments before the pixels begin.

use super::{Found, exif, found::decode, iptc, psd, xmp};
use crate::Fault;

/// Reads size and every block.
///
/// # Errors
/// `Malformed` where no size is found.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    for (marker, data) in Segments::new(bytes) {
        match marker {
            0xe1 if data.starts_with(b"Exif\0") => exif::read(data.get(6..).unwrap_or_default(), found),
            0xe1 if data.starts_with(XMP) => xmp::read(&data[XMP.len()..], found),
            0xed if data.starts_with(PHOTOSHOP) => {
                for (id, resource) in psd::resources(&data[PHOTOSHOP.len()..]) {
                    if id == psd::IPTC {
                        iptc::read(resource, found);
                    }
                }
            }
            0xfe => found.word(&decode(data)),
            _ => {}
        }
    }
    let (width, height) = size(bytes).ok_or_else(|| Fault::malformed("the JPEG says no size"))?;
    (found.metadata.width, found.metadata.height) = (Some(width), Some(height));
    Ok(())
}

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

/// Width and height, of the kinds of JPEG that show a picture: lossless ones hold a camera's raw data.
pub fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let (marker, data) = Segments::new(bytes).find(|(marker, _)| is_frame(*marker))?;
    let number = |at: usize| Some(u32::from(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?)));
    let (height, width) = (number(1)?, number(3)?);
    let is_shown = matches!(marker, 0xc0..=0xc2) && width > 0 && height > 0;
    is_shown.then_some((width, height))
}

/// The EXIF block, if there is one.
pub fn exif_block(bytes: &[u8]) -> Option<&[u8]> {
    let mut segments = Segments::new(bytes);
    segments.find(|(marker, data)| *marker == 0xe1 && data.starts_with(b"Exif\0")).and_then(|(_, data)| data.get(6..))
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Markers and what they hold, up to the pixels.
struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Segments<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.strip_prefix(&[0xff, 0xd8]).unwrap_or_default() }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // Between segments there may be filling, and in broken files anything.
            let start = self.rest.iter().position(|byte| *byte == 0xff)?;
            self.rest = &self.rest[start..];
            let marker = *self.rest.iter().find(|byte| **byte != 0xff)?;
            let filled = self.rest.iter().take_while(|byte| **byte == 0xff).count();
            self.rest = self.rest.get(filled + 1..)?;
            match marker {
                0xd9 | 0xda => return None,
                0x00 | 0x01 | 0xd0..=0xd8 => {}
                _ => {
                    let length = usize::from(u16::from_be_bytes(self.rest.get(..2)?.try_into().ok()?));
                    let data = self.rest.get(2..length.max(2)).or_else(|| self.rest.get(2..))?;
                    self.rest = self.rest.get(length.max(2)..).unwrap_or_default();
                    return Some((marker, data));
                }
            }
        }
    }
}
