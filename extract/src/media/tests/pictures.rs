//! Pictures say who took them, with what, when and where, in whatever block their format keeps for it.

use image::ImageFormat;

use super::{
    make::{self, Value, boxed, longs, png_chunk, segment},
    read, refused,
};
use crate::{Metadata, Outcome, detect::Format, picture::samples};

fn is_by_the_camera(metadata: &Metadata, format: Format) {
    assert_eq!(metadata.camera_make.as_deref(), Some("Hawser"), "{format:?}");
    assert_eq!(metadata.camera_model.as_deref(), Some("Bollard 7"), "{format:?}");
    assert_eq!(metadata.lens.as_deref(), Some("35 mm"), "{format:?}");
    assert_eq!(metadata.orientation, Some(6), "{format:?}");
    assert_eq!(metadata.taken_at.as_deref(), Some("2026-11-21T07:00:06-05:00"), "{format:?}");
    assert!((metadata.latitude.unwrap() + 48.858_333).abs() < 1e-5, "{format:?}");
    assert!((metadata.longitude.unwrap() - 2.2945).abs() < 1e-5, "{format:?}");
    assert_eq!(metadata.subject.as_deref(), Some("Two boats at the quay"), "{format:?}");
}

#[test]
fn a_camera_is_heard_through_every_format() {
    let jpeg = samples::with_exif(&samples::corners(64, 48, ImageFormat::Jpeg), &make::camera());
    let mut png = samples::corners(64, 48, ImageFormat::Png);
    png.splice(33..33, png_chunk(b"eXIf", &make::camera()));
    let mut webp = samples::corners(64, 48, ImageFormat::WebP);
    webp.extend(make::chunk(b"EXIF", &make::camera()));
    for (format, bytes) in [(Format::Jpeg, jpeg), (Format::Png, png), (Format::Webp, webp), (Format::Heif, heif())] {
        let (metadata, words) = read(format, bytes);
        is_by_the_camera(&metadata, format);
        assert_eq!((metadata.width, metadata.height), (Some(64), Some(48)), "{format:?}");
        assert!(words.contains("Two boats at the quay") && words.contains("fair wind"), "{words}");
    }
}

/// An index with two pictures, of which the second is the primary one, and EXIF in the data behind.
fn heif() -> Vec<u8> {
    let brand = boxed(b"ftyp", b"heic\0\0\0\0heicmif1");
    let size = |width, height| boxed(b"ispe", &longs(&[0, width, height]));
    let properties = [size(9, 9), size(64, 48)].concat();
    let association = [longs(&[0, 2]), vec![0, 1, 1, 1, 0, 2, 1, 0x82]].concat();
    let entry = |id: u8, kind: &[u8; 4]| boxed(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], kind.as_slice(), b"\0"].concat());
    let entries = [&[0, 0, 0, 0, 0, 3], &entry(1, b"hvc1")[..], &entry(2, b"hvc1"), &entry(3, b"Exif")].concat();
    let exif = [longs(&[6]), b"Exif\0\0".to_vec(), make::camera()].concat();
    let build = |offset: u32| {
        let places =
            [&[0, 0, 0, 0, 0x44, 0, 0, 1, 0, 3, 0, 0, 0, 1], &longs(&[offset, exif.len() as u32])[..]].concat();
        let inside = [
            &[0; 4][..],
            &boxed(b"pitm", &[0, 0, 0, 0, 0, 2]),
            &boxed(b"iinf", &entries),
            &boxed(b"iloc", &places),
            &boxed(b"iprp", &[boxed(b"ipco", &properties), boxed(b"ipma", &association)].concat()),
        ];
        [brand.clone(), boxed(b"meta", &inside.concat()), boxed(b"mdat", &exif)].concat()
    };
    let offset = build(0).len() - exif.len();
    build(u32::try_from(offset).unwrap())
}

#[test]
fn the_primary_picture_of_several_tells_the_size_and_its_turn_goes_before_exif() {
    assert_eq!(read(Format::Avif, heif()).0.width, Some(64));
    let bytes = heif();
    // The other size becomes a turn by a quarter, against the clock: the name, and the angle behind it.
    let at = bytes.windows(4).position(|kind| kind == b"ispe").unwrap();
    let mut turned = bytes.clone();
    turned[at..at + 5].copy_from_slice(b"irot\x01");
    let linked = turned.windows(8).position(|run| run == [0, 1, 1, 1, 0, 2, 1, 0x82]).unwrap();
    // The second picture has its size only; now the first is the primary one's turn, too.
    turned[linked..linked + 8].copy_from_slice(&[0, 2, 2, 1, 2, 0, 0, 0]);
    assert_eq!(read(Format::Heif, turned).0.orientation, Some(8));
}

#[test]
fn the_full_picture_of_a_raw_file_is_not_its_preview() {
    let preview = samples::corners(320, 240, ImageFormat::Jpeg);
    let dng = raw(&preview);
    let (metadata, _) = read(Format::Raw, dng);
    assert_eq!((metadata.width, metadata.height), (Some(6000), Some(4000)));
    assert_eq!(metadata.camera_make.as_deref(), Some("Hawser"));
}

/// A CR3: pieces of EXIF in a box of Canon's own, and one JPEG that is a track.
pub fn canon(preview: &[u8]) -> Vec<u8> {
    let about = make::tiff(&[
        (0x0100, Value::Long(6000)),
        (0x0101, Value::Long(4000)),
        (0x010f, Value::Text("Hawser")),
        (0x0112, Value::Short(6)),
    ]);
    let taken = make::tiff(&[(0x9003, Value::Text("2026:11:21 07:00:06"))]);
    let own = [&[7; 16][..], &boxed(b"CMT1", &about), &boxed(b"CMT2", &taken)].concat();
    let length = u32::try_from(preview.len()).unwrap();
    let build = |place: u32| {
        let table = [boxed(b"stsz", &longs(&[0, 0, 1, length])), boxed(b"co64", &longs(&[0, 1, 0, place]))].concat();
        let track = boxed(b"trak", &boxed(b"mdia", &boxed(b"minf", &boxed(b"stbl", &table))));
        let moov = boxed(b"moov", &[boxed(b"uuid", &own), track].concat());
        [boxed(b"ftyp", b"crx \0\0\0\x01crx isom"), moov, boxed(b"mdat", preview)].concat()
    };
    let place = build(0).len() - preview.len();
    build(u32::try_from(place).unwrap())
}

#[test]
fn a_raw_file_made_of_boxes_tells_the_same() {
    let (metadata, _) = read(Format::Raw, canon(b""));
    assert_eq!((metadata.width, metadata.height, metadata.orientation), (Some(6000), Some(4000), Some(6)));
    assert_eq!(metadata.camera_make.as_deref(), Some("Hawser"));
    assert_eq!(metadata.taken_at.as_deref(), Some("2026-11-21T07:00:06"));
}

/// Like a DNG: a thumbnail in front, the preview and the full picture in directories inside.
pub fn raw(preview: &[u8]) -> Vec<u8> {
    let length = u32::try_from(preview.len()).unwrap();
    let small = samples::corners(16, 12, ImageFormat::Jpeg);
    make::tiff(&[
        (0x0201, Value::Piece(&small)),
        (0x0202, Value::Long(u32::try_from(small.len()).unwrap())),
        (0x00fe, Value::Long(1)),
        (0x0100, Value::Long(160)),
        (0x0101, Value::Long(120)),
        (0x010f, Value::Text("Hawser")),
        (0x0112, Value::Short(6)),
        (
            0x014a,
            Value::Directory(vec![
                (0x00fe, Value::Long(0)),
                (0x0100, Value::Long(6000)),
                (0x0101, Value::Long(4000)),
                (0x0103, Value::Short(7)),
                (
                    0x014a,
                    Value::Directory(vec![
                        (0x00fe, Value::Long(1)),
                        (0x0103, Value::Short(7)),
                        (0x0111, Value::Piece(preview)),
                        (0x0117, Value::Long(length)),
                    ]),
                ),
            ]),
        ),
    ])
}

const PACKET: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="56,0.0" exif:GPSLongitude="14,27.0W" xmp:CreateDate="2026-07-28T11:02:12+02:00">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Ropes &amp; knots</rdf:li></rdf:Alt></dc:title>
<dc:subject><rdf:Bag><rdf:li>quay</rdf:li><rdf:li>wind</rdf:li></rdf:Bag></dc:subject>
<dc:creator><rdf:Seq><rdf:li>Ingrid Åse</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"#;

#[test]
fn captions_come_from_xmp_and_iptc() {
    let mut records = Vec::new();
    for (kind, text) in [(5u8, "Evening"), (25, "tide"), (80, "The Agency"), (120, "A long caption"), (105, "Headline")]
    {
        records.extend([0x1c, 2, kind, 0, u8::try_from(text.len()).unwrap()]);
        records.extend(text.as_bytes());
    }
    let resource = [b"8BIM\x04\x04\0\0".as_slice(), &longs(&[records.len() as u32]), &records].concat();
    let jpeg = samples::corners(64, 48, ImageFormat::Jpeg);
    let with = |blocks: &[Vec<u8>]| [&jpeg[..2], &blocks.concat(), &jpeg[2..]].concat();
    let xmp = segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", PACKET.as_bytes()].concat());
    let iptc = segment(0xed, &[b"Photoshop 3.0\0", resource.as_slice()].concat());
    let (metadata, words) = read(Format::Jpeg, with(&[xmp, iptc, segment(0xfe, b"made by hand")]));
    assert_eq!(metadata.title.as_deref(), Some("Ropes & knots"));
    assert_eq!(metadata.author.as_deref(), Some("Ingrid Åse"));
    assert_eq!(metadata.subject.as_deref(), Some("A long caption"));
    assert_eq!(metadata.keywords, ["quay", "wind", "tide"]);
    assert_eq!((metadata.latitude, metadata.longitude), (Some(56.0), Some(-14.45)));
    assert_eq!(metadata.created_at.as_deref(), Some("2026-07-28T11:02:12+02:00"));
    assert!(words.contains("Headline") && words.contains("made by hand") && words.contains("quay, wind, tide"));
}

#[test]
fn texts_in_png_are_read_plain_compressed_and_international() {
    use std::io::Write as _;
    let squeeze = |text: &str| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let mut png = samples::corners(64, 48, ImageFormat::Png);
    let chunks = [
        png_chunk(b"tEXt", b"Title\0Caf\xe9"),
        png_chunk(b"zTXt", &[b"Comment\0\0".as_slice(), &squeeze("many a knot")].concat()),
        png_chunk(b"iTXt", &["Author\0\u{1}\0de\0Verfasser\0".as_bytes(), &squeeze("Jürgen")].concat()),
        png_chunk(b"tIME", &[0x07, 0xea, 11, 21, 7, 0, 1]),
    ];
    png.splice(33..33, chunks.concat());
    let (metadata, words) = read(Format::Png, png);
    assert_eq!(metadata.title.as_deref(), Some("Café"));
    assert_eq!(metadata.author.as_deref(), Some("Jürgen"));
    assert_eq!(metadata.modified_at.as_deref(), Some("2026-11-21T07:00:01Z"));
    assert!(words.contains("many a knot"));
}

#[test]
fn a_drawing_tells_its_size_and_every_word_in_it() {
    let cases = [
        (r#"width="2in" height="96""#, Some((192, 96))),
        (r#"width="10mm" height="1cm" viewBox="0 0 5 5""#, Some((38, 38))),
        (r#"viewBox="0 0 320 240""#, Some((320, 240))),
        (r#"width="640" viewBox="0,0,320,240""#, Some((640, 480))),
        (r#"width="100%" height="50%""#, None),
        (r#"width="-1" height="NaN" viewBox="0 0 0 0""#, None),
    ];
    for (attributes, size) in cases {
        let svg = format!(
            r#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" {attributes}><title>Plan</title>
            <g><title>Part</title><text>knots &amp; <tspan>bends</tspan></text></g><style>.a {{}}</style></svg>"#
        );
        let (metadata, words) = read(Format::Svg, svg.into_bytes());
        assert_eq!(metadata.width.zip(metadata.height), size, "{attributes}");
        assert_eq!(metadata.title.as_deref(), Some("Plan"));
        assert_eq!(words, "Plan\nPart\nknots & bends\n");
    }
}

#[test]
fn a_photoshop_file_tells_its_size_and_what_is_in_its_resources() {
    let resource = [b"8BIM\x04\x24\0\0".as_slice(), &longs(&[PACKET.len() as u32]), PACKET.as_bytes()].concat();
    let psd = [
        b"8BPS\0\x01\0\0\0\0\0\0\0\x03".as_slice(),
        &longs(&[480, 640]),
        &[0, 8, 0, 3, 0, 0, 0, 0],
        &longs(&[resource.len() as u32]),
        &resource,
    ]
    .concat();
    let (metadata, _) = read(Format::Psd, psd);
    assert_eq!((metadata.width, metadata.height), (Some(640), Some(480)));
    assert_eq!(metadata.title.as_deref(), Some("Ropes & knots"));
}

#[test]
fn plain_pictures_tell_their_size() {
    for (format, encoded) in samples::CORNERED {
        let (metadata, words) = read(format, samples::corners(320, 200, encoded));
        assert_eq!((metadata.width, metadata.height), (Some(320), Some(200)), "{format:?}");
        assert_eq!(words, "");
    }
}

#[test]
fn what_is_no_picture_is_malformed_and_what_was_found_is_kept() {
    for format in [
        Format::Jpeg,
        Format::Png,
        Format::Gif,
        Format::Webp,
        Format::Bmp,
        Format::Tiff,
        Format::Raw,
        Format::Heif,
        Format::Psd,
        Format::Svg,
    ] {
        assert_eq!(refused(format, b"not a picture".to_vec()), Outcome::Malformed, "{format:?}");
    }
    let mut reading = crate::text::Reading::default();
    let headless = [&[0xff, 0xd8][..], &segment(0xfe, b"kept all the same")].concat();
    assert!(super::super::read(&samples::source(headless), Format::Jpeg, &mut reading).is_err());
    assert_eq!(reading.sink.finish(), "kept all the same\n");
}

#[test]
fn a_picture_inside_a_mail_does_not_speak_for_the_mail() {
    let mut reading = crate::text::Reading { depth: 1, ..Default::default() };
    reading.metadata.title = Some("The mail".into());
    let jpeg = samples::with_exif(&samples::corners(64, 48, ImageFormat::Jpeg), &make::camera());
    super::super::read(&samples::source(jpeg), Format::Jpeg, &mut reading).unwrap();
    assert_eq!(reading.metadata, Metadata { title: Some("The mail".into()), ..Metadata::default() });
    assert!(reading.sink.finish().contains("Two boats"));
}
