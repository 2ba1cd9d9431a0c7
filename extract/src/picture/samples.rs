//! Pictures that tests draw for themselves: four corners in four colours, blocks of EXIF written by hand, and headers
//! that lie.

use std::{io::Cursor, sync::Arc};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::{Source, detect::Format};

/// Formats that can be both written and read, with how they are called here and there.
pub const CORNERED: [(Format, ImageFormat); 7] = [
    (Format::Jpeg, ImageFormat::Jpeg),
    (Format::Png, ImageFormat::Png),
    (Format::Gif, ImageFormat::Gif),
    (Format::Webp, ImageFormat::WebP),
    (Format::Tiff, ImageFormat::Tiff),
    (Format::Bmp, ImageFormat::Bmp),
    (Format::Raster, ImageFormat::Pnm),
];

const COLOURS: [(&str, [u8; 3]); 4] =
    [("red", [230, 20, 20]), ("green", [20, 200, 20]), ("blue", [20, 20, 230]), ("white", [250, 250, 250])];

pub fn source(bytes: Vec<u8>) -> Source {
    Source { bytes: Arc::new(bytes), name: None, mime_type: None }
}

/// Red and green above, blue and white below.
pub fn cornered(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let corner = usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2);
        Rgb(COLOURS[corner].1)
    })
}

pub fn corners(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::from(cornered(width, height));
    // Icons hold their pictures with alpha only.
    let image = if format == ImageFormat::Ico { image.into_rgba8().into() } else { image };
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The nearest colour's name at the middle of each quadrant: above left, above right, below left, below right.
pub fn corner_names(bytes: &[u8]) -> String {
    let image = image::load_from_memory(bytes).unwrap().into_rgb8();
    let (width, height) = image.dimensions();
    let spots = [(1, 1), (3, 1), (1, 3), (3, 3)];
    let names: Vec<&str> =
        spots.iter().map(|(x, y)| nearest(image.get_pixel(width * x / 4, height * y / 4).0)).collect();
    names.join(" ")
}

fn nearest(pixel: [u8; 3]) -> &'static str {
    let distance =
        |colour: &[u8; 3]| -> u32 { colour.iter().zip(pixel).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    let nearest = COLOURS.iter().min_by_key(|(_, colour)| distance(colour)).unwrap();
    if distance(&nearest.1) > 3_000 { "another colour" } else { nearest.0 }
}

/// A JPEG of 640 by 480 with an EXIF block that gives its orientation and the maker's name `HawserTest`.
pub fn oriented_jpeg(orientation: u16) -> Vec<u8> {
    with_exif(&corners(640, 480, ImageFormat::Jpeg), &exif(orientation))
}

/// Puts an EXIF block behind a JPEG's first two bytes.
pub fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tiff.len() + 8).unwrap();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A TIFF structure with one directory: maker and orientation.
pub fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II\x2a\0\x08\0\0\0".to_vec();
    tiff.extend(2u16.to_le_bytes());
    tiff.extend([0x0f, 1, 2, 0, 11, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend([0x12, 1, 3, 0, 1, 0, 0, 0]);
    tiff.extend(orientation.to_le_bytes());
    tiff.extend([0; 6]);
    tiff.extend(b"HawserTest\0");
    tiff
}

/// A PNG whose header claims a size, and which has little behind it.
pub fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&header);
    bytes.extend(crc(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT");
    bytes.extend(crc(b"IDAT").to_be_bytes());
    bytes
}

/// The checksum of PNG's chunks.
pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A PDF of one page with this box and these instructions, and a form in it that draws itself.
pub fn pdf(page_box: &str, content: &str) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [{page_box}] /Contents 4 0 R /Resources << /XObject << /Self 5 0 R >> >> >>"
        ),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /Self 5 0 R >> >> /Length 8 >>\nstream\n/Self Do\nendstream".to_owned(),
    ];
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let table = bytes.len();
    bytes.extend(b"xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    bytes.extend(format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").into_bytes());
    bytes
}
