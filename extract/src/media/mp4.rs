//! MP4 and QuickTime: what the headers of a film or sound say, without decoding any of it.

use super::{
    Found,
    boxes::{self, u16_at, u32_at, u64_at},
    sound, tags, when,
};
use crate::Fault;

/// Seconds from 1904, when QuickTime's time begins, to 1970.
const FROM_1904: i64 = 2_082_844_800;
const MOST_TRACKS: usize = 100;

pub fn is_mp4(bytes: &[u8]) -> bool {
    matches!(bytes.get(4..8), Some(b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip"))
}

/// Reads the film's header, its tracks and its tags.
///
/// # Errors
/// `Malformed` where there is no header.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    let is_quicktime = !matches!(boxes::find(bytes, b"ftyp"), Some(brand) if !brand.starts_with(b"qt  "));
    found.metadata.container = Some(if is_quicktime { "mov" } else { "mp4" }.to_owned());
    let moov = boxes::find(bytes, b"moov").ok_or_else(|| Fault::malformed("the film has no header"))?;
    tags::read(moov, found);
    let metadata = &mut found.metadata;
    let head = boxes::find(moov, b"mvhd").and_then(times);
    if let Some(head) = &head {
        metadata.created_at = metadata.created_at.take().or_else(|| head.made_at());
    }
    let whole = head.as_ref().and_then(Times::milliseconds).or_else(|| fragmented(moov, head.as_ref()?.scale));
    let mut longest = None;
    let tracks = boxes::walk(moov).filter(|(kind, _)| kind == b"trak").map(|(_, track)| track);
    for track in tracks.take(MOST_TRACKS) {
        longest = longest.max(track_of(track, metadata));
    }
    // Tracks may hold more than is played. A fragmented film says how long it is in its fragments only.
    metadata.duration_ms = whole.or(longest).or_else(|| fragments(bytes, moov));
    metadata.bitrate = sound::overall(bytes.len(), metadata.duration_ms);
    Ok(())
}

/// What `mvhd` and `mdhd` have in common.
struct Times {
    made: u64,
    scale: u32,
    duration: u64,
}

impl Times {
    fn milliseconds(&self) -> Option<u64> {
        let is_known = self.duration > 0 && self.duration != u64::from(u32::MAX) && self.duration != u64::MAX;
        let length = u128::from(self.duration) * 1_000 / u128::from(self.scale.max(1));
        u64::try_from(length).ok().filter(|_| is_known && self.scale > 0)
    }

    /// Cameras that do not know the time write zero.
    fn made_at(&self) -> Option<String> {
        let made = i64::try_from(self.made).ok().filter(|made| *made > 0)?;
        // Some write the seconds since 1970 in spite of the standard.
        when::from_unix(if made > FROM_1904 { made - FROM_1904 } else { made })
    }
}

fn times(data: &[u8]) -> Option<Times> {
    match data.first()? {
        1 => Some(Times { made: u64_at(data, 4)?, scale: u32_at(data, 20)?, duration: u64_at(data, 24)? }),
        _ => Some(Times {
            made: u64::from(u32_at(data, 4)?),
            scale: u32_at(data, 12)?,
            duration: u64::from(u32_at(data, 16)?),
        }),
    }
}

/// Takes what a track says, and gives how long it is in milliseconds.
fn track_of(track: &[u8], metadata: &mut crate::Metadata) -> Option<u64> {
    let media = boxes::find(track, b"mdia")?;
    let times = boxes::find(media, b"mdhd").and_then(times);
    let kind = boxes::find(media, b"hdlr")?.get(8..12)?;
    let table = boxes::descend(media, &[b"minf", b"stbl"])?;
    // One description is enough: behind version, flags and count.
    let (code, entry) = boxes::walk(boxes::find(table, b"stsd")?.get(8..)?).next()?;
    let length = times.as_ref().and_then(Times::milliseconds);
    match kind {
        b"vide" if metadata.video_codec.is_none() => {
            metadata.video_codec = Some(film_codec(&code));
            (metadata.width, metadata.height) = (u16_at(entry, 24).map(u32::from), u16_at(entry, 26).map(u32::from));
            metadata.orientation = boxes::find(track, b"tkhd").and_then(turned);
            let frames = boxes::find(table, b"stsz").and_then(|sizes| u32_at(sizes, 8));
            metadata.frame_rate = match (frames, length) {
                (Some(frames @ 2..), Some(length @ 1..)) => {
                    Some((f64::from(frames) * 1e6 / length as f64).round() / 1e3).filter(|rate| *rate < 1_000.0)
                }
                _ => None,
            };
        }
        b"soun" if metadata.audio_codec.is_none() => {
            metadata.audio_codec = Some(sound_codec(&code, entry));
            let configured = decoder(entry).and_then(configuration);
            let channels = configured.map(|(_, channels)| channels).filter(|channels| *channels > 0);
            metadata.channels = channels.or(u16_at(entry, 16).and_then(|channels| u8::try_from(channels).ok()));
            // The description has 16 bits for the rate; the track's own clock nearly always is the rate.
            let rate = u32_at(entry, 24).map(|rate| rate >> 16).filter(|rate| *rate > 0);
            metadata.sample_rate = configured.map(|(rate, _)| rate).or(rate).or(times.map(|times| times.scale));
        }
        _ => {}
    }
    length
}

/// The nine numbers that turn a film, as an orientation; only turns by a quarter and mirrors.
fn turned(header: &[u8]) -> Option<u8> {
    let matrix = if header.first() == Some(&1) { 52 } else { 40 };
    let sign = |index: usize| Some((u32_at(header, matrix + index * 4)?.cast_signed()).signum());
    match (sign(0)?, sign(1)?, sign(3)?, sign(4)?) {
        (1, 0, 0, 1) => Some(1),
        (-1, 0, 0, 1) => Some(2),
        (-1, 0, 0, -1) => Some(3),
        (1, 0, 0, -1) => Some(4),
        (0, 1, 1, 0) => Some(5),
        (0, 1, -1, 0) => Some(6),
        (0, -1, -1, 0) => Some(7),
        (0, -1, 1, 0) => Some(8),
        _ => None,
    }
}

/// How long a fragmented film says it is.
fn fragmented(moov: &[u8], scale: u32) -> Option<u64> {
    let data = boxes::descend(moov, &[b"mvex", b"mehd"])?;
    let duration = if data.first() == Some(&1) { u64_at(data, 4)? } else { u64::from(u32_at(data, 4)?) };
    Times { made: 0, scale, duration }.milliseconds()
}

/// Where the last fragment of the first track begins: all that is known without adding up samples.
fn fragments(bytes: &[u8], moov: &[u8]) -> Option<u64> {
    let track = boxes::find(moov, b"trak")?;
    let id =
        boxes::find(track, b"tkhd").and_then(|head| u32_at(head, if head.first() == Some(&1) { 20 } else { 12 }))?;
    let scale = boxes::descend(track, &[b"mdia", b"mdhd"]).and_then(times)?.scale;
    let pieces = boxes::walk(bytes).filter(|(kind, _)| kind == b"moof").flat_map(|(_, moof)| boxes::walk(moof));
    let ends = pieces.filter(|(kind, _)| kind == b"traf").filter_map(|(_, piece)| {
        let head = boxes::find(piece, b"tfhd").filter(|head| u32_at(head, 4) == Some(id))?;
        let start = boxes::find(piece, b"tfdt")?;
        let start = if start.first() == Some(&1) { u64_at(start, 4)? } else { u64::from(u32_at(start, 4)?) };
        Some(start.saturating_add(run_length(head, boxes::find(piece, b"trun")?, moov, id).unwrap_or(0)))
    });
    Times { made: 0, scale, duration: ends.max()? }.milliseconds()
}

/// The samples of one run, in the track's time: each says how long it is, or all are as long as is usual.
fn run_length(head: &[u8], run: &[u8], moov: &[u8], id: u32) -> Option<u64> {
    let count = u64::from(u32_at(run, 4)?);
    let flags = u32_at(run, 0)? & 0xff_ffff;
    if flags & 0x100 != 0 {
        let size = 4 * (flags >> 8 & 0xf).count_ones() as usize;
        let from = 8 + 4 * (flags & 1) as usize + 4 * (flags >> 2 & 1) as usize;
        let lengths = (0..usize::try_from(count).ok()?).map_while(|index| u32_at(run, from + index * size));
        return Some(lengths.map(u64::from).sum());
    }
    let of_head = u32_at(head, 0)? & 0xff_ffff;
    let usual = if of_head & 0x8 != 0 {
        let at = 8 + 8 * (of_head & 1) as usize + 4 * (of_head >> 1 & 1) as usize;
        u32_at(head, at)?
    } else {
        let mut defaults = boxes::walk(boxes::find(moov, b"mvex")?).filter(|(kind, _)| kind == b"trex");
        u32_at(defaults.find(|(_, data)| u32_at(data, 4) == Some(id))?.1, 12)?
    };
    Some(count.saturating_mul(u64::from(usual)))
}

fn film_codec(code: &[u8; 4]) -> String {
    let known = match code {
        b"avc1" | b"avc3" | b"dva1" => "h264",
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => "hevc",
        b"vp08" => "vp8",
        b"vp09" => "vp9",
        b"av01" => "av1",
        b"mp4v" => "mpeg4",
        b"s263" | b"h263" => "h263",
        b"jpeg" | b"mjpa" | b"mjpb" => "mjpeg",
        b"apcn" | b"apch" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "prores",
        b"dvc " | b"dvcp" | b"dvh5" | b"dvh6" => "dvvideo",
        b"raw " => "rawvideo",
        b"png " => "png",
        _ => return letters(code),
    };
    known.to_owned()
}

fn sound_codec(code: &[u8; 4], entry: &[u8]) -> String {
    let known = match code {
        b"mp4a" => match object_type(entry) {
            Some(0x69 | 0x6b) => "mp3",
            Some(0xa5) => "ac3",
            Some(0xa6) => "eac3",
            Some(0xdd) => "vorbis",
            _ => "aac",
        },
        b".mp3" => "mp3",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b"alac" => "alac",
        b"fLaC" => "flac",
        b"Opus" => "opus",
        b"samr" => "amr_nb",
        b"sawb" => "amr_wb",
        b"sowt" | b"lpcm" | b"ipcm" => "pcm_s16le",
        b"twos" => "pcm_s16be",
        b"in24" => "pcm_s24be",
        b"ulaw" => "pcm_mulaw",
        b"alaw" => "pcm_alaw",
        b"ima4" => "adpcm_ima_qt",
        _ => return letters(code),
    };
    known.to_owned()
}

/// What `esds` says of the decoder, behind its first descriptor: the kind of samples, and what it needs to know.
fn decoder(entry: &[u8]) -> Option<&[u8]> {
    let at = entry.windows(4).position(|mark| mark == b"esds")?;
    let rest = entry.get(at + 8..)?;
    let mark = rest.iter().take(32).position(|byte| *byte == 0x04)?;
    behind_length(rest.get(mark + 1..)?)
}

/// Lengths of descriptors take one to four bytes.
fn behind_length(bytes: &[u8]) -> Option<&[u8]> {
    let more = bytes.iter().take(3).take_while(|byte| **byte & 0x80 != 0).count();
    bytes.get(more + 1..)
}

fn object_type(entry: &[u8]) -> Option<u8> {
    decoder(entry)?.first().copied()
}

/// Rate and channels out of AAC's configuration, which is right where the description around it is not.
fn configuration(decoder: &[u8]) -> Option<(u32, u8)> {
    const RATES: [u32; 13] =
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
    let (0x40, Some(0x05)) = (*decoder.first()?, decoder.get(13)) else { return None };
    let bytes = behind_length(decoder.get(14..)?)?;
    let bits =
        bytes.iter().take(4).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (4 - bytes.len().min(4)));
    let field = |from: u32, width: u32| (bits << from) >> (32 - width);
    let rate = *RATES.get(field(5, 4) as usize)?;
    // Spectral band replication says the rate that is heard behind the channels.
    let heard = if field(0, 5) == 5 { *RATES.get(field(13, 4) as usize)? } else { rate };
    let channels = [0, 1, 2, 3, 4, 5, 6, 8].get(field(9, 4) as usize).copied().unwrap_or(0);
    Some((heard, channels))
}

fn letters(code: &[u8; 4]) -> String {
    code.iter().map(|byte| char::from(*byte)).filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}
