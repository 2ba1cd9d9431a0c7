//! Sounds: their length by every way that formats have to tell it, their tags, and the cover they bring.

use super::{
    make::{chunk, longs},
    read, refused,
};
use crate::{
    Outcome,
    detect::Format,
    picture::{draw_as, samples},
};

fn wav(seconds: u32) -> Vec<u8> {
    let mut format = [&[1, 0, 2, 0][..], &8_000u32.to_le_bytes(), &32_000u32.to_le_bytes(), &[4, 0, 16, 0]].concat();
    format.resize(16, 0);
    let sound = vec![0; 32_000 * seconds as usize];
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunk(b"fmt ", &format), chunk(b"data", &sound)].concat())
}

#[test]
fn a_wave_is_as_long_as_its_bytes() {
    let (metadata, words) = read(Format::Audio, wav(2));
    assert_eq!((metadata.container.as_deref(), metadata.audio_codec.as_deref()), (Some("wav"), Some("pcm_s16le")));
    assert_eq!((metadata.duration_ms, metadata.sample_rate, metadata.channels), (Some(2_000), Some(8_000), Some(2)));
    assert_eq!(words, "");
}

/// Ten seconds by its header, with comments, and one frame's worth of nothing.
fn flac(pictures: &[u8]) -> Vec<u8> {
    let samples: u64 = 441_000;
    let packed = 44_100u64 << 44 | 1 << 41 | 15 << 36 | samples;
    let info = [&4_096u16.to_be_bytes().repeat(2)[..], &[0; 6], &packed.to_be_bytes(), &[0; 16]].concat();
    let comments = ["TITLE=Harbour", "ARTIST=Trio", "ALBUM=Quay", "DATE=2026", "LYRICS=heave away"];
    let mut tags = [&6u32.to_le_bytes()[..], b"hawser", &(comments.len() as u32).to_le_bytes()].concat();
    for comment in comments {
        tags.extend((comment.len() as u32).to_le_bytes());
        tags.extend(comment.as_bytes());
    }
    let block = |kind: u8, data: &[u8]| [&longs(&[u32::from(kind) << 24 | data.len() as u32]), data].concat();
    let last = if pictures.is_empty() { block(0x81, &[0; 10]) } else { block(0x86, pictures) };
    [b"fLaC".to_vec(), block(0, &info), block(4, &tags), last, vec![0xff, 0xf8, 0xc9, 0x08, 0, 0, 0, 0]].concat()
}

#[test]
fn flac_tells_length_and_tags_and_words_that_can_be_found() {
    let (metadata, words) = read(Format::Audio, flac(&[]));
    assert_eq!((metadata.container.as_deref(), metadata.audio_codec.as_deref()), (Some("flac"), Some("flac")));
    assert_eq!((metadata.duration_ms, metadata.sample_rate, metadata.channels), (Some(10_000), Some(44_100), Some(2)));
    assert_eq!(
        (metadata.title.as_deref(), metadata.artist.as_deref(), metadata.album.as_deref()),
        (Some("Harbour"), Some("Trio"), Some("Quay"))
    );
    assert_eq!(words, "Harbour\nTrio\nQuay\nheave away\n");
}

#[test]
fn the_front_cover_of_a_sound_is_its_picture() {
    let png = samples::corners(300, 300, image::ImageFormat::Png);
    let picture = [&longs(&[3, 9])[..], b"image/png", &longs(&[0, 300, 300, 24, 0, png.len() as u32]), &png].concat();
    let pictures = draw_as(&samples::source(flac(&picture)), Format::Audio, &[128]).unwrap();
    assert_eq!((pictures[0].info.width, pictures[0].info.height), (128, 128));
    assert_eq!(samples::corner_names(&pictures[0].bytes), "red green blue white");
    let none = draw_as(&samples::source(flac(&[])), Format::Audio, &[128]).unwrap_err();
    assert_eq!(none.outcome, Outcome::Unsupported);
}

#[test]
fn bare_frames_are_counted() {
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x40]);
    let (metadata, _) = read(Format::Audio, frame.repeat(383));
    assert_eq!((metadata.container.as_deref(), metadata.audio_codec.as_deref()), (Some("mp3"), Some("mp3")));
    assert_eq!((metadata.duration_ms, metadata.sample_rate), (Some(10_004), Some(44_100)));
    assert_eq!(metadata.bitrate, Some(127_717));
}

#[test]
fn what_is_no_sound_is_refused() {
    assert_eq!(refused(Format::Audio, b"hush".to_vec()), Outcome::Unsupported);
    assert_eq!(refused(Format::Audio, b"fLaC".to_vec()), Outcome::Malformed);
}
