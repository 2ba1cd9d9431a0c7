//! EXIF: who took a picture, with what, when and where. A block that is partly broken gives what is whole in it.

use exif::{Exif, Field, In, Reader, Tag, Value};

use super::{
    Found,
    found::{decode, fill},
    gps, when,
};

/// Reads one block: a TIFF structure, as it lies in JPEG, PNG, WebP and HEIF, or a whole TIFF.
pub fn read(tiff: &[u8], found: &mut Found) {
    if let Some(exif) = parse(tiff) {
        take(&exif, found);
    }
}

pub fn parse(tiff: &[u8]) -> Option<Exif> {
    Reader::new()
        .continue_on_error(true)
        .read_raw(tiff.to_vec())
        .or_else(|error| error.distill_partial_result(|_| {}))
        .ok()
}

fn take(exif: &Exif, found: &mut Found) {
    let metadata = &mut found.metadata;
    if metadata.orientation.is_none() {
        let orientation = number(exif, Tag::Orientation).and_then(|number| u8::try_from(number).ok());
        metadata.orientation = orientation.filter(|orientation| (1..=8).contains(orientation));
    }
    for (slot, tag) in [
        (&mut metadata.camera_make, Tag::Make),
        (&mut metadata.camera_model, Tag::Model),
        (&mut metadata.lens, Tag::LensModel),
        (&mut metadata.subject, Tag::ImageDescription),
        (&mut metadata.author, Tag::Artist),
    ] {
        if let Some(text) = text(exif, tag) {
            fill(slot, &text);
        }
    }
    let taken = time(exif, Tag::DateTimeOriginal, Tag::OffsetTimeOriginal)
        .or_else(|| time(exif, Tag::DateTimeDigitized, Tag::OffsetTimeDigitized));
    metadata.taken_at = metadata.taken_at.take().or(taken);
    metadata.modified_at = metadata.modified_at.take().or_else(|| time(exif, Tag::DateTime, Tag::OffsetTime));
    let degrees = |tag, hemisphere| gps::from_rationals(rationals(exif, tag)?, &ascii(exif, hemisphere)?);
    let latitude = degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef);
    let longitude = degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef);
    if let (None, Some((latitude, longitude))) = (metadata.latitude, gps::place(latitude, longitude)) {
        (metadata.latitude, metadata.longitude) = (Some(latitude), Some(longitude));
    }
    windows(exif, found);
    if let Some(text) = text(exif, Tag::Copyright) {
        found.word(&text);
    }
    if let Some(text) = field(exif, Tag::UserComment).and_then(comment) {
        found.word(&text);
    }
}

/// What Windows writes beside the standard's tags, in UTF-16.
fn windows(exif: &Exif, found: &mut Found) {
    let wide = |number: u16| -> Option<String> {
        let field = exif.get_field(Tag(exif::Context::Tiff, number), In::PRIMARY)?;
        let Value::Byte(bytes) = &field.value else { return None };
        Some(encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned())
    };
    let [title, comment, author, keywords, subject] = [0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f].map(wide);
    for (slot, text) in [
        (&mut found.metadata.title, title),
        (&mut found.metadata.author, author),
        (&mut found.metadata.subject, subject),
    ] {
        if let Some(text) = text {
            fill(slot, &text);
        }
    }
    if let Some(text) = comment {
        found.word(&text);
    }
    for keyword in keywords.unwrap_or_default().trim_matches('\0').split(';') {
        found.keyword(keyword);
    }
}

fn field(exif: &Exif, tag: Tag) -> Option<&Field> {
    exif.get_field(tag, In::PRIMARY)
}

pub fn number(exif: &Exif, tag: Tag) -> Option<u32> {
    field(exif, tag)?.value.get_uint(0)
}

fn ascii(exif: &Exif, tag: Tag) -> Option<Vec<u8>> {
    match &field(exif, tag)?.value {
        Value::Ascii(parts) => parts.first().cloned(),
        _ => None,
    }
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    ascii(exif, tag).map(|bytes| decode(&bytes))
}

fn rationals(exif: &Exif, tag: Tag) -> Option<&[exif::Rational]> {
    match &field(exif, tag)?.value {
        Value::Rational(parts) => Some(parts),
        _ => None,
    }
}

fn time(exif: &Exif, tag: Tag, offset: Tag) -> Option<String> {
    when::rfc3339(&text(exif, tag)?, text(exif, offset).as_deref())
}

/// A comment begins with eight bytes that name its encoding.
fn comment(field: &Field) -> Option<String> {
    let Value::Undefined(bytes, _) = &field.value else { return None };
    let (mark, text) = bytes.split_at_checked(8)?;
    match mark {
        b"UNICODE\0" => {
            let is_big = text.first() == Some(&0);
            let encoding = if is_big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
            Some(encoding.decode_without_bom_handling(text).0.into_owned())
        }
        b"ASCII\0\0\0" | [0, 0, 0, 0, 0, 0, 0, 0] => Some(decode(text)),
        _ => None,
    }
}
