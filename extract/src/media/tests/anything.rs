//! No bytes whatsoever make a reader panic: neither noise, nor noise behind a true beginning, nor true files with a few
//! bytes changed, cut or doubled.

use image::ImageFormat;
use proptest::prelude::*;

use super::{make, pictures};
use crate::{
    detect::Format,
    picture::{draw_as, samples},
    text::Reading,
    tools,
};

const FORMATS: [Format; 15] = [
    Format::Jpeg,
    Format::Png,
    Format::Gif,
    Format::Webp,
    Format::Tiff,
    Format::Bmp,
    Format::Raster,
    Format::Raw,
    Format::Heif,
    Format::Psd,
    Format::Svg,
    Format::Audio,
    Format::Video,
    Format::Pdf,
    Format::Epub,
];

const BEGINNINGS: [&[u8]; 15] = [
    b"",
    b"\xff\xd8\xff\xe1\0\x40Exif\0\0II\x2a\0\x08\0\0\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"GIF89a\x10\0\x10\0\x80",
    b"RIFF\x40\0\0\0WEBPVP8X",
    b"II\x2a\0\x08\0\0\0\x03\0",
    b"MM\0\x2a\0\0\0\x08\0\x02",
    b"FUJIFILMCCD-RAW 0201",
    b"\0\0\0\x14ftypheic\0\0\0\0mif1\0\0\0\x60meta\0\0\0\0",
    b"8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x10\0\0\0\x10\0\x08\0\x03\0\0\0\0\0\0\0\x208BIM",
    b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><",
    b"ID3\x04\0\0\0\0\0\x10",
    b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x60moov\0\0\0\x30trak",
    b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff",
    b"RIFF\x40\0\0\0AVI LIST\x30\0\0\0hdrl",
];

fn survive(format: Format, bytes: Vec<u8>) {
    let source = samples::source(bytes);
    let _ = super::super::read(&source, format, &mut Reading::default());
    for picture in draw_as(&source, format, &[64, 16]).unwrap_or_default() {
        assert!(picture.info.width <= 64 && picture.info.height <= 64 && !picture.bytes.is_empty());
    }
}

fn valid() -> Vec<(Format, Vec<u8>)> {
    let mut files: Vec<(Format, Vec<u8>)> =
        samples::CORNERED.iter().map(|(format, encoded)| (*format, samples::corners(24, 18, *encoded))).collect();
    files.push((Format::Jpeg, samples::with_exif(&samples::corners(24, 18, ImageFormat::Jpeg), &make::camera())));
    files.push((Format::Raw, pictures::raw(&samples::corners(24, 18, ImageFormat::Jpeg))));
    files.push((Format::Raw, pictures::canon(&samples::corners(24, 18, ImageFormat::Jpeg))));
    files.push((Format::Tiff, make::camera()));
    files.push((Format::Pdf, samples::pdf("0 0 60 80", "0 0 10 10 re f /Self Do")));
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn noise_is_survived(format in 0..FORMATS.len(), beginning in 0..BEGINNINGS.len(), noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        survive(FORMATS[format], [BEGINNINGS[beginning], &noise].concat());
    }

    #[test]
    fn changed_files_are_survived(file in any::<prop::sample::Index>(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), cut in any::<prop::sample::Index>(), is_cut in any::<bool>()) {
        let (format, mut bytes) = file.get(&valid()).clone();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        survive(format, bytes);
    }

    #[test]
    fn whatever_a_program_says_is_survived(said in proptest::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}\",:a-z0-9.]{0,120}") {
        let _ = tools::drawn(said.clone(), &[64]);
        let _ = tools::told(&said);
        let _ = tools::told(json.as_bytes());
        let _ = tools::demuxer(&said);
    }

    #[test]
    fn every_text_is_a_time_or_none(text in "\\PC{0,40}", digits in "[0-9:T .+Z-]{0,32}") {
        let _ = super::super::when::rfc3339(&text, Some(&digits));
        let _ = super::super::when::rfc3339(&digits, Some(&text));
        let _ = super::super::gps::from_iso6709(&text);
        let _ = super::super::gps::from_iso6709(&digits);
        let _ = super::super::gps::from_xmp(&text);
    }
}
