//! RIFF: the chunks of WAVE and AVI, and what AVI says in its headers.

use super::{
    Found,
    found::{decode, fill},
    sound, when,
};
use crate::Fault;

const MOST_CHUNKS: usize = 10_000;

/// The chunks of one level.
fn chunks(mut rest: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let kind = rest.get(..4)?.try_into().ok()?;
        let length = usize::try_from(u32_at(rest, 4)?).ok()?;
        let data = &rest[8..8usize.saturating_add(length).min(rest.len())];
        rest = rest.get(8usize.saturating_add(length).saturating_add(length & 1)..).unwrap_or_default();
        Some((kind, data))
    })
    .take(MOST_CHUNKS)
}

/// What kind of samples a WAVE holds, as ffprobe calls it.
pub fn wave_codec(bytes: &[u8]) -> Option<&'static str> {
    let (_, format) = chunks(bytes.get(12..)?).find(|(kind, _)| *kind == b"fmt ")?;
    samples(format)
}

fn samples(format: &[u8]) -> Option<&'static str> {
    let mut tag = u16_at(format, 0)?;
    // What is extensible says the same behind.
    if tag == 0xfffe {
        tag = u16_at(format, 24)?;
    }
    Some(match (tag, u16_at(format, 14)) {
        (1, Some(8)) => "pcm_u8",
        (1, Some(24)) => "pcm_s24le",
        (1, Some(32)) => "pcm_s32le",
        (1, _) => "pcm_s16le",
        (3, Some(64)) => "pcm_f64le",
        (3, _) => "pcm_f32le",
        (2, _) => "adpcm_ms",
        (6, _) => "pcm_alaw",
        (7, _) => "pcm_mulaw",
        (0x11, _) => "adpcm_ima_wav",
        (0x50, _) => "mp2",
        (0x55, _) => "mp3",
        (0xff | 0x1610, _) => "aac",
        (0x161, _) => "wmav2",
        (0x2000, _) => "ac3",
        _ => return None,
    })
}

pub fn is_avi(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ")
}

/// Reads an AVI's headers.
///
/// # Errors
/// `Malformed` where it has none.
pub fn read_avi(bytes: &[u8], found: &mut Found) -> Result<(), Fault> {
    found.metadata.container = Some("avi".to_owned());
    let mut has_header = false;
    for (kind, data) in chunks(bytes.get(12..).unwrap_or_default()) {
        match (kind, data.get(..4)) {
            (b"LIST", Some(b"hdrl")) => {
                has_header = true;
                header(&data[4..], found);
            }
            (b"LIST", Some(b"INFO")) => info(&data[4..], found),
            _ => {}
        }
    }
    if !has_header {
        return Err(Fault::malformed("the film has no header"));
    }
    found.metadata.bitrate = sound::overall(bytes.len(), found.metadata.duration_ms);
    Ok(())
}

fn header(data: &[u8], found: &mut Found) {
    for (kind, data) in chunks(data) {
        match (kind, data.get(..4)) {
            (b"avih", _) => {
                let size = (u32_at(data, 32), u32_at(data, 36));
                (found.metadata.width, found.metadata.height) = size;
            }
            (b"LIST", Some(b"strl")) => stream(&data[4..], found),
            _ => {}
        }
    }
}

fn stream(data: &[u8], found: &mut Found) {
    let part = |wanted: &[u8; 4]| chunks(data).find(|(kind, _)| *kind == wanted).map(|(_, data)| data);
    let (Some(head), Some(format)) = (part(b"strh"), part(b"strf")) else { return };
    let metadata = &mut found.metadata;
    let (scale, rate, length) = (u32_at(head, 20), u32_at(head, 24), u32_at(head, 32));
    let duration = match (scale, rate, length) {
        (Some(scale), Some(rate @ 1..), Some(length)) => {
            Some(u64::from(length) * u64::from(scale) * 1_000 / u64::from(rate))
        }
        _ => None,
    };
    metadata.duration_ms = metadata.duration_ms.max(duration.filter(|length| *length > 0));
    match head.get(..4) {
        Some(b"vids") if metadata.video_codec.is_none() => {
            metadata.video_codec = format.get(16..20).map(|code| film_codec(code).to_owned());
            if let (Some(scale @ 1..), Some(rate)) = (scale, rate) {
                metadata.frame_rate = Some((f64::from(rate) / f64::from(scale) * 1_000.0).round() / 1_000.0);
            }
        }
        Some(b"auds") if metadata.audio_codec.is_none() => {
            metadata.audio_codec = samples(format).map(str::to_owned);
            metadata.channels = u16_at(format, 2).and_then(|channels| u8::try_from(channels).ok());
            metadata.sample_rate = u32_at(format, 4);
        }
        _ => {}
    }
}

fn film_codec(code: &[u8]) -> &'static str {
    match code.to_ascii_uppercase().as_slice() {
        b"H264" | b"X264" | b"AVC1" => "h264",
        b"HEVC" | b"H265" => "hevc",
        b"XVID" | b"DIVX" | b"DX50" | b"FMP4" | b"MP4V" => "mpeg4",
        b"DIV3" | b"MP43" => "msmpeg4v3",
        b"MJPG" => "mjpeg",
        b"DVSD" | b"DV25" => "dvvideo",
        b"WMV3" => "wmv3",
        b"VP80" => "vp8",
        [0, 0, 0, 0] => "rawvideo",
        _ => "unknown",
    }
}

fn info(data: &[u8], found: &mut Found) {
    for (kind, data) in chunks(data) {
        let text = decode(data);
        match kind {
            b"INAM" => fill(&mut found.metadata.title, &text),
            b"IART" => fill(&mut found.metadata.artist, &text),
            b"ICRD" if found.metadata.created_at.is_none() => found.metadata.created_at = when::rfc3339(&text, None),
            b"ICMT" | b"ISBJ" | b"IGNR" | b"ICOP" => found.word(&text),
            b"IKEY" => text.split([',', ';']).for_each(|keyword| found.keyword(keyword)),
            _ => {}
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
