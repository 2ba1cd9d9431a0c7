//! Sounds that are frames one after another, MP3 and AAC: the only sure way to know their length is to count.

use super::{Found, sound};

/// Frames that fit together.
#[derive(Debug, PartialEq, Eq)]
pub struct Frames {
    pub codec: &'static str,
    pub rate: u32,
    pub channels: u8,
    pub samples: u64,
}

struct Frame {
    codec: &'static str,
    rate: u32,
    channels: u8,
    samples: u32,
    length: usize,
}

/// How many frames must follow each other before bytes are taken for frames.
const SURE: usize = 3;
/// How far a first frame is looked for behind a tag.
const FARTHEST: usize = 128 << 10;

/// Counts the frames; nothing where there are none.
pub fn measure(bytes: &[u8]) -> Option<Frames> {
    let from = behind_tag(bytes);
    let limit = bytes.len().min(from.saturating_add(FARTHEST));
    let start = (from..limit).find(|at| starts(bytes, *at))?;
    let first = frame(&bytes[start..])?;
    let (mut at, mut samples) = (start, 0u64);
    // The first frame of a file may hold no sound but the lengths of the others.
    if is_index(&bytes[start..]) {
        at += first.length;
    }
    while at < bytes.len() {
        match bytes.get(at..).and_then(frame).filter(|next| next.rate == first.rate && next.codec == first.codec) {
            Some(next) => {
                samples += u64::from(next.samples);
                at += next.length;
            }
            // Behind a hole there may be more; what has no frames left is tags.
            None => match (at + 1..bytes.len().min(at + 4_096)).find(|at| starts(bytes, *at)) {
                Some(next) => at = next,
                None => break,
            },
        }
    }
    (samples > 0).then_some(Frames { codec: first.codec, rate: first.rate, channels: first.channels, samples })
}

impl Frames {
    pub fn tell(&self, found: &mut Found, size: usize) {
        let metadata = &mut found.metadata;
        metadata.container = Some(if self.codec == "aac" { "aac" } else { "mp3" }.to_owned());
        metadata.audio_codec = Some(self.codec.to_owned());
        metadata.sample_rate = Some(self.rate);
        metadata.channels = Some(self.channels);
        metadata.duration_ms = Some(self.samples * 1_000 / u64::from(self.rate));
        metadata.bitrate = sound::overall(size, metadata.duration_ms);
    }
}

/// ID3 writes its length in seven bits a byte.
fn behind_tag(bytes: &[u8]) -> usize {
    match *bytes {
        [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] => {
            let length = [a, b, c, d].iter().fold(0usize, |length, byte| length << 7 | usize::from(byte & 0x7f));
            (length + 10).min(bytes.len())
        }
        _ => 0,
    }
}

fn starts(bytes: &[u8], mut at: usize) -> bool {
    for seen in 0..SURE {
        match bytes.get(at..).filter(|rest| !rest.is_empty()) {
            Some(rest) => match frame(rest) {
                Some(frame) => at += frame.length,
                None => return false,
            },
            // A file may be shorter than that.
            None => return seen > 0,
        }
    }
    true
}

fn is_index(frame: &[u8]) -> bool {
    let head = &frame[..frame.len().min(64)];
    head.windows(4).any(|mark| mark == b"Xing" || mark == b"Info" || mark == b"VBRI")
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let [0xff, second, third, fourth, ..] = *bytes else { return None };
    if second & 0xf6 == 0xf0 {
        return adts(bytes, third, fourth);
    }
    if second & 0xe0 != 0xe0 {
        return None;
    }
    let layer = 4 - (second >> 1 & 3);
    let (is_first, is_half) = (second >> 3 & 3 == 3, second >> 3 & 3 == 0);
    let rate = *[44_100u32, 48_000, 32_000].get(usize::from(third >> 2 & 3))?;
    let rate = if is_first {
        rate
    } else if is_half {
        rate / 4
    } else {
        rate / 2
    };
    let kilobits = kilobits(is_first, layer, usize::from(third >> 4))?;
    let samples = match (layer, is_first) {
        (1, _) => 384,
        (3, false) => 576,
        (2 | 3, _) => 1152,
        _ => return None,
    };
    let padding = u32::from(third >> 1 & 1) * if layer == 1 { 4 } else { 1 };
    let length = samples / 8 * kilobits * 1_000 / rate + padding;
    if second >> 3 & 3 == 1 || length < 24 {
        return None;
    }
    let codec = ["mp1", "mp2", "mp3"][usize::from(layer) - 1];
    let channels = if fourth >> 6 == 3 { 1 } else { 2 };
    Some(Frame { codec, rate, channels, samples, length: usize::try_from(length).ok()? })
}

fn kilobits(is_first: bool, layer: u8, index: usize) -> Option<u32> {
    let table: [u32; 15] = match (is_first, layer) {
        (true, 1) => [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        (true, 2) => [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        (true, _) => [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        (false, 1) => [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        (false, _) => [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    };
    table.get(index).copied().filter(|kilobits| *kilobits > 0)
}

fn adts(bytes: &[u8], third: u8, fourth: u8) -> Option<Frame> {
    const RATES: [u32; 13] =
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
    let rate = *RATES.get(usize::from(third >> 2 & 0xf))?;
    let (fifth, sixth, seventh) = (*bytes.get(4)?, *bytes.get(5)?, *bytes.get(6)?);
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
    let channels = (third & 1) << 2 | fourth >> 6;
    let blocks = u32::from(seventh & 3) + 1;
    (length >= 7).then_some(Frame { codec: "aac", rate, channels, samples: 1024 * blocks, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of 128 kilobits at 44 100 hertz, in two channels.
    fn mp3(count: usize) -> Vec<u8> {
        let mut frame = vec![0; 417];
        frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        frame.repeat(count)
    }

    #[test]
    fn frames_are_counted_behind_a_tag_and_before_one() {
        let mut bytes = b"ID3\x04\0\0\0\0\0\x0a0123456789".to_vec();
        bytes.extend(mp3(100));
        bytes.extend(b"TAG and what stands in it");
        let frames = measure(&bytes).unwrap();
        assert_eq!(frames, Frames { codec: "mp3", rate: 44_100, channels: 2, samples: 115_200 });
    }

    #[test]
    fn a_frame_that_is_only_an_index_is_not_heard() {
        let mut bytes = mp3(11);
        bytes[36..40].copy_from_slice(b"Info");
        assert_eq!(measure(&bytes).unwrap().samples, 11_520);
    }

    #[test]
    fn aac_is_counted_by_its_own_headers() {
        let frame = [0xff, 0xf1, 0x50, 0x80, 0x01, 0x1f, 0xfc, 0x00];
        let frames = measure(&frame.repeat(10)).unwrap();
        assert_eq!((frames.codec, frames.rate, frames.channels, frames.samples), ("aac", 44_100, 2, 10_240));
    }

    #[test]
    fn bytes_that_only_begin_like_a_frame_are_none() {
        assert_eq!(measure(&[0xff, 0xfb, 0x90, 0x00, 1, 2, 3]).map(|frames| frames.samples), Some(1152));
        let mut bytes = mp3(1);
        bytes.extend([7; 5_000]);
        assert_eq!(measure(&bytes), None);
        assert_eq!(measure(b""), None);
    }
}
