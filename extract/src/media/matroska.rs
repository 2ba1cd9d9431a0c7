//! Matroska and WebM: what the headers say. Elements whose end is not told, as live recordings have them, are walked into.

use super::{
    Found,
    found::{decode, fill},
    sound, when,
};
use crate::Fault;

const MOST_ELEMENTS: usize = 2_000_000;
/// Seconds from 1970 to 2001, when Matroska's time begins.
const FROM_2001: i64 = 978_307_200;

pub fn is_matroska(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3])
}

/// Reads the headers; the clusters only where the headers do not say how long it all is.
///
/// # Errors
/// `Malformed` where there are no tracks.
pub fn read(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    let mut seen = Seen::default();
    for (id, data) in Elements::new(bytes, false) {
        match id {
            0x1a45_dfa3 => seen.is_webm = child(data, 0x4282).is_some_and(|kind| kind.starts_with(b"webm")),
            0x1549_a966 => info(data, &mut seen, found),
            0x1654_ae6b => {
                for (_, track) in Elements::new(data, false).filter(|(id, _)| *id == 0xae) {
                    track_of(track, &mut seen, found);
                }
            }
            0x1254_c367 => tags(data, found),
            _ => {}
        }
    }
    if !seen.has_tracks {
        return Err(Fault::malformed("the film has no tracks"));
    }
    let metadata = &mut found.metadata;
    metadata.container = Some(if seen.is_webm { "webm" } else { "matroska" }.to_owned());
    let ticks = seen.duration.or_else(|| last_moment(bytes));
    let milliseconds = ticks.map(|ticks| ticks * seen.scale.unwrap_or(1_000_000) as f64 / 1e6);
    metadata.duration_ms =
        milliseconds.filter(|length| (0.5..1e15).contains(length)).map(|length| length.round() as u64);
    metadata.bitrate = sound::overall(bytes.len(), metadata.duration_ms);
    Ok(())
}

#[derive(Default)]
struct Seen {
    is_webm: bool,
    has_tracks: bool,
    /// Nanoseconds a tick.
    scale: Option<u64>,
    /// In ticks.
    duration: Option<f64>,
}

fn info(data: &[u8], seen: &mut Seen, found: &mut Found) {
    for (id, data) in Elements::new(data, false) {
        match id {
            0x2a_d7b1 => seen.scale = Some(unsigned(data)).filter(|scale| *scale > 0),
            0x4489 => seen.duration = float(data).filter(|ticks| *ticks > 0.0),
            0x7ba9 => fill(&mut found.metadata.title, &decode(data)),
            0x4461 => {
                let nanoseconds = unsigned(data).cast_signed();
                let moment = nanoseconds.div_euclid(1_000_000_000).checked_add(FROM_2001);
                found.metadata.created_at = moment.and_then(when::from_unix);
            }
            _ => {}
        }
    }
}

fn track_of(track: &[u8], seen: &mut Seen, found: &mut Found) {
    seen.has_tracks = true;
    let metadata = &mut found.metadata;
    let code = child(track, 0x86).map(decode).unwrap_or_default();
    let code = code.trim_end_matches('\0');
    match child(track, 0x83).map(unsigned) {
        Some(1) if metadata.video_codec.is_none() => {
            metadata.video_codec = Some(codec(code));
            let part = |id| u32::try_from(unsigned(child(child(track, 0xe0)?, id)?)).ok();
            (metadata.width, metadata.height) = (part(0xb0), part(0xba));
            let each = child(track, 0x23_e383).map(unsigned).filter(|nanoseconds| *nanoseconds > 0);
            metadata.frame_rate = each.map(|nanoseconds| (1e12 / nanoseconds as f64).round() / 1e3);
        }
        Some(2) if metadata.audio_codec.is_none() => {
            metadata.audio_codec = Some(codec(code));
            let sound = child(track, 0xe1).unwrap_or_default();
            // Both have a meaning when they are not written.
            let rate = child(sound, 0xb5).and_then(float).unwrap_or(8_000.0);
            metadata.sample_rate = (1.0..1e7).contains(&rate).then_some(rate as u32);
            metadata.channels = u8::try_from(child(sound, 0x9f).map_or(1, unsigned)).ok();
        }
        _ => {}
    }
}

fn tags(data: &[u8], found: &mut Found) {
    for (_, tag) in Elements::new(data, false).filter(|(id, _)| *id == 0x7373) {
        for (_, simple) in Elements::new(tag, false).filter(|(id, _)| *id == 0x67c8) {
            let Some((name, text)) = child(simple, 0x45a3).zip(child(simple, 0x4487)) else { continue };
            let text = decode(text);
            match decode(name).trim_end_matches('\0').to_ascii_uppercase().as_str() {
                "TITLE" => fill(&mut found.metadata.title, &text),
                "ARTIST" | "LEAD_PERFORMER" => fill(&mut found.metadata.artist, &text),
                "ALBUM" => fill(&mut found.metadata.album, &text),
                "DATE_RECORDED" => found.metadata.taken_at = when::rfc3339(&text, None),
                "COMMENT" | "DESCRIPTION" | "SYNOPSIS" | "SUMMARY" | "LYRICS" | "GENRE" | "COPYRIGHT" => {
                    found.word(&text);
                }
                "KEYWORDS" => text.split(',').for_each(|keyword| found.keyword(keyword)),
                _ => {}
            }
        }
    }
}

/// The latest block's moment, in ticks.
fn last_moment(bytes: &[u8]) -> Option<f64> {
    let (mut cluster, mut last) = (0u64, None);
    for (id, data) in Elements::new(bytes, true) {
        match id {
            0xe7 => cluster = unsigned(data),
            0xa3 | 0xa1 => {
                // Behind the track's number, two bytes relative to the cluster.
                let number = data.first().map_or(1, |byte| byte.leading_zeros() as usize + 1);
                if let Some([high, low]) = data.get(number..number + 2).and_then(|two| <[u8; 2]>::try_from(two).ok()) {
                    let moment = cluster.saturating_add_signed(i64::from(i16::from_be_bytes([high, low])));
                    last = last.max(Some(moment));
                }
            }
            _ => {}
        }
    }
    last.map(|moment| moment as f64)
}

fn codec(code: &str) -> String {
    let known = match code {
        "V_MPEG4/ISO/AVC" => "h264",
        "V_MPEGH/ISO/HEVC" => "hevc",
        "V_MPEG4/ISO/ASP" | "V_MPEG4/ISO/SP" => "mpeg4",
        "V_MPEG1" => "mpeg1video",
        "V_MPEG2" => "mpeg2video",
        "A_MPEG/L3" => "mp3",
        "A_MPEG/L2" => "mp2",
        "A_PCM/INT/LIT" => "pcm_s16le",
        "A_PCM/INT/BIG" => "pcm_s16be",
        "A_PCM/FLOAT/IEEE" => "pcm_f32le",
        code if code.starts_with("A_AAC") => "aac",
        code if code.starts_with("A_DTS") => "dts",
        // V_VP9, V_AV1, A_OPUS, A_VORBIS, A_FLAC, A_AC3 are called by their own names.
        code => {
            return code.split('/').next().unwrap_or(code).chars().skip(2).take(16).collect::<String>().to_lowercase();
        }
    };
    known.to_owned()
}

fn child(data: &[u8], wanted: u32) -> Option<&[u8]> {
    Elements::new(data, false).find(|(id, _)| *id == wanted).map(|(_, data)| data)
}

fn unsigned(data: &[u8]) -> u64 {
    data.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn float(data: &[u8]) -> Option<f64> {
    match data.len() {
        4 => Some(f64::from(f32::from_be_bytes(data.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(data.try_into().ok()?)),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

/// Elements one after another. Of segments, and on demand of clusters, the inside comes in their place.
struct Elements<'a> {
    rest: &'a [u8],
    opens_clusters: bool,
    left: usize,
}

impl<'a> Elements<'a> {
    fn new(bytes: &'a [u8], opens_clusters: bool) -> Self {
        Self { rest: bytes, opens_clusters, left: MOST_ELEMENTS }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.left = self.left.checked_sub(1)?;
            let first = *self.rest.first()?;
            let width = first.leading_zeros() as usize + 1;
            let id = self.rest.get(..width).filter(|_| width <= 4)?;
            let id = id.iter().fold(0u32, |id, byte| id << 8 | u32::from(*byte));
            let (length, size) = length(self.rest.get(width..)?)?;
            let head = width + size;
            let opens = id == 0x1853_8067 || (id == 0x1f43_b675 && (self.opens_clusters || length.is_none()));
            let opens = opens || (self.opens_clusters && id == 0xa0);
            if opens {
                self.rest = &self.rest[head..];
                continue;
            }
            let end = head.saturating_add(usize::try_from(length?).ok()?).min(self.rest.len());
            let data = &self.rest[head..end];
            self.rest = &self.rest[end..];
            return Some((id, data));
        }
    }
}

/// A length and how many bytes it takes; all ones mean that it is not known.
fn length(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let size = first.leading_zeros() as usize + 1;
    let bytes = bytes.get(..size).filter(|_| size <= 8)?;
    let mask = (1u64 << (7 * size)) - 1;
    let number = bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte)) & mask;
    Some(((number != mask).then_some(number), size))
}
