//! Canon's newer raw files: boxes as in films, with pieces of EXIF and whole JPEGs among them.

use super::{
    Found,
    boxes::{self, u32_at, u64_at},
    exif,
    found::decode,
    ifd::{self, Tiff},
    jpeg, when,
};

const TAKEN: u16 = 0x9003;
const MOST_TRACKS: usize = 16;

pub fn is_canon(bytes: &[u8]) -> bool {
    bytes.get(4..12) == Some(b"ftypcrx ")
}

/// Reads the pieces of EXIF: each is a TIFF of its own.
pub fn read(bytes: &[u8], found: &mut Found) {
    let Some(moov) = boxes::find(bytes, b"moov") else { return };
    // A number of sixteen bytes comes before the boxes inside.
    let Some(own) = boxes::find(moov, b"uuid").and_then(|data| data.get(16..)) else { return };
    if let Some(first) = boxes::find(own, b"CMT1") {
        exif::read(first, found);
        let tiff = Tiff::new(first).map(|tiff| (tiff, tiff.directories()));
        if let Some((tiff, Some(directory))) = tiff.as_ref().map(|(tiff, all)| (tiff, all.first())) {
            found.metadata.width = tiff.number(directory, ifd::WIDTH);
            found.metadata.height = tiff.number(directory, ifd::HEIGHT);
        }
    }
    let second = boxes::find(own, b"CMT2").and_then(Tiff::new);
    let taken = second.and_then(|tiff| tiff.directories().iter().find_map(|all| tiff.data(all, TAKEN)));
    found.metadata.taken_at =
        found.metadata.taken_at.take().or(taken.and_then(|text| when::rfc3339(&decode(text), None)));
}

/// The biggest JPEG among the tracks.
pub fn biggest_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    let moov = boxes::find(bytes, b"moov")?;
    let tracks = boxes::walk(moov).filter(|(kind, _)| kind == b"trak").take(MOST_TRACKS);
    let pieces = tracks.filter_map(|(_, track)| {
        let table = boxes::descend(track, &[b"mdia", b"minf", b"stbl"])?;
        let sizes = boxes::find(table, b"stsz")?;
        let size = u32_at(sizes, 4).filter(|size| *size > 0).or_else(|| u32_at(sizes, 12))?;
        let wide = boxes::find(table, b"co64").and_then(|places| u64_at(places, 8));
        let place = wide.or_else(|| u32_at(boxes::find(table, b"stco")?, 8).map(u64::from))?;
        let from = usize::try_from(place).ok()?;
        let piece = bytes.get(from..from.checked_add(usize::try_from(size).ok()?)?)?;
        let (width, height) = jpeg::size(piece)?;
        Some((u64::from(width) * u64::from(height), piece))
    });
    pieces.max_by_key(|(pixels, _)| *pixels).map(|(_, piece)| piece)
}
