//! Sounds: their tags, and how long they play. What a header says of a length is checked against the size of the file.

use std::io::Cursor;

use lofty::{
    config::{ParseOptions, ParsingMode},
    file::{AudioFile, FileType, TaggedFile, TaggedFileExt},
    probe::Probe,
    tag::{ItemKey, Tag},
};

use super::{Found, found::fill, frames, matroska, mp4, riff, when};
use crate::{Fault, Outcome};

/// Reads tags and properties.
///
/// # Errors
/// `Unsupported` for sounds that are not known, `Malformed` for broken ones.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    if mp4::is_mp4(bytes) {
        let read = mp4::read(bytes, found);
        if let Ok(file) = open(bytes) {
            take_all(&file, found);
        }
        return read;
    }
    if matroska::is_matroska(bytes) {
        return matroska::read(bytes, found);
    }
    let file = match open(bytes) {
        Ok(file) => file,
        // Frames without a tag, or with one that cannot be read.
        Err(fault) => return frames::measure(bytes).map(|frames| frames.tell(found, bytes.len())).ok_or(fault),
    };
    take_all(&file, found);
    let properties = file.properties();
    let metadata = &mut found.metadata;
    let (container, codec) = names(file.file_type(), bytes, properties.bit_depth());
    metadata.container = Some(container.to_owned());
    metadata.audio_codec = Some(codec.to_owned());
    metadata.sample_rate = properties.sample_rate().filter(|rate| *rate > 0);
    metadata.channels = properties.channels().filter(|channels| *channels > 0);
    let counted = matches!(file.file_type(), FileType::Mpeg | FileType::Aac).then(|| frames::measure(bytes)).flatten();
    if let Some(frames) = counted {
        frames.tell(found, bytes.len());
        return Ok(());
    }
    let claimed = u64::try_from(properties.duration().as_millis()).unwrap_or(0);
    // Only where every second takes the same bytes does the size say anything of the length.
    let is_steady = matches!(file.file_type(), FileType::Wav | FileType::Aiff);
    let bitrate = properties.audio_bitrate().filter(|_| is_steady).unwrap_or(0);
    metadata.duration_ms = believed(claimed, bitrate, bytes.len());
    metadata.bitrate = overall(bytes.len(), metadata.duration_ms);
    Ok(())
}

/// The length that a header claims, unless the file's size and rate say that it cannot be.
fn believed(claimed: u64, kilobits: u32, size: usize) -> Option<u64> {
    let by_size = (size as u64 * 8).checked_div(u64::from(kilobits)).filter(|length| *length > 0);
    match by_size {
        // A file cannot play much longer than its bytes at its rate; covers and tags only make it shorter.
        Some(by_size) if claimed > by_size.saturating_mul(2).saturating_add(1_000) => Some(by_size),
        _ => Some(claimed).filter(|claimed| *claimed > 0),
    }
}

/// Bits a second over the whole file.
pub fn overall(size: usize, duration_ms: Option<u64>) -> Option<u64> {
    (size as u64).saturating_mul(8_000).checked_div(duration_ms?)
}

fn open(bytes: &[u8]) -> Result<TaggedFile, Fault> {
    let options = ParseOptions::new().read_cover_art(false).parsing_mode(ParsingMode::Relaxed);
    let probe = Probe::new(Cursor::new(bytes))
        .options(options)
        .guess_file_type()
        .map_err(|_| Fault::malformed("the sound cannot be read"))?;
    if probe.file_type().is_none() {
        return Err(Fault::new(Outcome::Unsupported, "nothing here reads this kind of sound"));
    }
    probe.read().map_err(|_| Fault::malformed("the sound cannot be read"))
}

fn take_all(file: &TaggedFile, found: &mut Found) {
    // The tag that is the format's own comes first.
    let primary = file.primary_tag_type();
    let mut tags: Vec<&Tag> = file.tags().iter().collect();
    tags.sort_by_key(|tag| tag.tag_type() != primary);
    for tag in tags {
        take(tag, found);
    }
}

fn take(tag: &Tag, found: &mut Found) {
    let metadata = &mut found.metadata;
    for (slot, keys) in [
        (&mut metadata.title, &[ItemKey::TrackTitle][..]),
        (&mut metadata.artist, &[ItemKey::TrackArtist, ItemKey::AlbumArtist]),
        (&mut metadata.album, &[ItemKey::AlbumTitle]),
        (&mut metadata.author, &[ItemKey::Composer]),
    ] {
        if let Some(text) = keys.iter().find_map(|key| tag.get_string(*key)) {
            fill(slot, text);
        }
    }
    if metadata.created_at.is_none() {
        let date = tag.get_string(ItemKey::RecordingDate).or_else(|| tag.get_string(ItemKey::Year));
        metadata.created_at = date.and_then(|date| when::rfc3339(date, None));
    }
    for key in [ItemKey::AlbumArtist, ItemKey::Genre, ItemKey::Description, ItemKey::Comment, ItemKey::CopyrightMessage]
    {
        tag.get_strings(key).for_each(|text| found.word(text));
    }
    for key in [ItemKey::UnsyncLyrics, ItemKey::Lyrics] {
        tag.get_strings(key).for_each(|text| found.word(text));
    }
}

/// Container and codec, as ffprobe calls them.
fn names(kind: FileType, bytes: &[u8], depth: Option<u8>) -> (&'static str, &'static str) {
    match kind {
        FileType::Aac => ("aac", "aac"),
        FileType::Aiff => ("aiff", if depth == Some(24) { "pcm_s24be" } else { "pcm_s16be" }),
        FileType::Ape => ("ape", "ape"),
        FileType::Flac => ("flac", "flac"),
        FileType::Mpeg => ("mp3", "mp3"),
        FileType::Mp4 => ("mp4", "aac"),
        FileType::Mpc => ("mpc", "musepack8"),
        FileType::Opus => ("ogg", "opus"),
        FileType::Vorbis => ("ogg", "vorbis"),
        FileType::Speex => ("ogg", "speex"),
        FileType::Wav => ("wav", riff::wave_codec(bytes).unwrap_or("pcm_s16le")),
        FileType::WavPack => ("wv", "wavpack"),
        _ => ("audio", "unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_believed_only_as_far_as_the_bytes_go() {
        assert_eq!(believed(4_000, 128, 64_000), Some(4_000));
        assert_eq!(believed(511_000, 128, 64_000), Some(4_000));
        assert_eq!(believed(511_000, 0, 64_000), Some(511_000));
        assert_eq!(believed(0, 128, 64_000), None);
        assert_eq!(overall(64_000, Some(4_000)), Some(128_000));
        assert_eq!(overall(64_000, Some(0)), None);
    }
}
