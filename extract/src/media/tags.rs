//! The tags of MP4 and QuickTime, which are written in three ways: iTunes' list, Apple's list with names of its own, and
//! the old texts beside them.

use super::{
    Found,
    boxes::{self, u16_at, u32_at},
    found::{decode, fill},
    gps, when,
};

const MOST_TAGS: usize = 2_000;

/// Reads all tags of a film's header.
pub fn read(moov: &[u8], found: &mut Found) {
    for holder in [Some(moov), boxes::find(moov, b"udta")].into_iter().flatten() {
        if let Some(meta) = boxes::find(holder, b"meta") {
            list(meta, found);
        }
    }
    for (kind, data) in boxes::find(moov, b"udta").into_iter().flat_map(boxes::walk).take(MOST_TAGS) {
        // A length, a language, and the text.
        if let (0xa9, Some(length)) = (kind[0], u16_at(data, 0)) {
            let text = data.get(4..(4 + usize::from(length)).min(data.len())).map(decode);
            take(&name_of(kind), &text.unwrap_or_default(), found);
        }
    }
}

fn list(meta: &[u8], found: &mut Found) {
    // In MP4 a version comes before the boxes; in QuickTime none does.
    let meta = if boxes::find(meta, b"ilst").is_some() { meta } else { meta.get(4..).unwrap_or_default() };
    let names: Vec<String> = boxes::find(meta, b"keys")
        .and_then(|keys| keys.get(8..))
        .map(|keys| boxes::walk(keys).map(|(_, name)| decode(name)).take(MOST_TAGS).collect())
        .unwrap_or_default();
    for (kind, entry) in boxes::find(meta, b"ilst").into_iter().flat_map(boxes::walk).take(MOST_TAGS) {
        let Some(data) = boxes::find(entry, b"data") else { continue };
        // One says UTF-8, two UTF-16; anything else is no text.
        let text = match (u32_at(data, 0), data.get(8..)) {
            (Some(1), Some(text)) => decode(text),
            (Some(2), Some(text)) => encoding_rs::UTF_16BE.decode_without_bom_handling(text).0.into_owned(),
            _ => continue,
        };
        let index = u32::from_be_bytes(kind).checked_sub(1).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| names.get(index)) {
            Some(name) => take(name, &text, found),
            None => take(&name_of(kind), &text, found),
        }
    }
}

/// Four letters as a name; the sign for copyright stands before the usual ones.
fn name_of(kind: [u8; 4]) -> String {
    kind.iter().map(|byte| char::from(*byte)).collect()
}

fn take(name: &str, text: &str, found: &mut Found) {
    let metadata = &mut found.metadata;
    match name.trim_start_matches("com.apple.quicktime.") {
        "©nam" | "title" | "titl" => fill(&mut metadata.title, text),
        "©ART" | "aART" | "artist" | "perf" => fill(&mut metadata.artist, text),
        "©alb" | "album" | "albm" => fill(&mut metadata.album, text),
        "©wrt" | "©aut" | "author" | "auth" => fill(&mut metadata.author, text),
        "desc" | "ldes" | "©des" | "description" | "dscp" => fill(&mut metadata.subject, text),
        "©mak" | "make" => fill(&mut metadata.camera_make, text),
        "©mod" | "model" => fill(&mut metadata.camera_model, text),
        "©cmt" | "comment" | "©lyr" | "©gen" | "©cpy" | "cprt" | "copyright" | "©inf" | "information" => {
            found.word(text);
        }
        "keyw" | "©key" | "keywords" => text.split([',', ';']).for_each(|keyword| found.keyword(keyword)),
        "creationdate" if metadata.taken_at.is_none() => metadata.taken_at = when::rfc3339(text, None),
        "©day" if metadata.created_at.is_none() => metadata.created_at = when::rfc3339(text, None),
        "©xyz" | "location.ISO6709" if metadata.latitude.is_none() => {
            let place = gps::from_iso6709(text).and_then(|(north, east)| gps::place(Some(north), Some(east)));
            (metadata.latitude, metadata.longitude) = place.unzip();
        }
        _ => {}
    }
}
