//! Films of headers only: what they say is read without decoding a frame.

use super::{
    make::{boxed, chunk, element, longs},
    read, refused,
};
use crate::{Outcome, detect::Format};

/// A header of ten seconds in which a film of 640 by 360 lies on its side, with a sound in one channel.
fn mp4(brand: &[u8; 4], tags: &[u8]) -> Vec<u8> {
    let times = |scale: u32, duration: u32| longs(&[0, 3_877_092_001, 3_877_092_001, scale, duration]);
    let turn = longs(&[0, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000]);
    let head = [longs(&[0; 10]), turn, longs(&[640 << 16, 360 << 16])].concat();
    let mut picture = vec![0; 78];
    picture[24..28].copy_from_slice(&[640u16.to_be_bytes(), 360u16.to_be_bytes()].concat());
    let film = track(&head, b"vide", &times(12_800, 128_000), &boxed(b"hvc1", &picture), 250);
    let mut sound = vec![0; 28];
    sound[16..18].copy_from_slice(&[0, 2]);
    sound[24..28].copy_from_slice(&(48_000u32 << 16).to_be_bytes());
    // The description says two channels, the decoder's configuration one: that is what is heard.
    let decoder = [&[3, 25, 0, 0, 0, 4, 0x80, 0x80, 17, 0x40][..], &[0; 12], &[5, 2, 0x11, 0x88]].concat();
    sound.extend(boxed(b"esds", &[&[0; 4][..], &decoder].concat()));
    let sound = track(&[0; 84], b"soun", &times(48_000, 480_100), &boxed(b"mp4a", &sound), 469);
    let moov = [boxed(b"mvhd", &times(1_000, 10_000)), film, sound, tags.to_vec()].concat();
    [boxed(b"ftyp", &[brand, b"\0\0\0\0isom".as_slice()].concat()), boxed(b"mdat", &[0; 5_000]), boxed(b"moov", &moov)]
        .concat()
}

fn track(head: &[u8], kind: &[u8; 4], times: &[u8], entry: &[u8], samples: u32) -> Vec<u8> {
    let description = [&longs(&[0, 1]), entry].concat();
    let table = [boxed(b"stsd", &description), boxed(b"stsz", &longs(&[0, 0, samples]))].concat();
    let media = [
        boxed(b"mdhd", times),
        boxed(b"hdlr", &[&[0; 8], kind.as_slice(), &[0; 12]].concat()),
        boxed(b"minf", &boxed(b"stbl", &table)),
    ];
    boxed(b"trak", &[boxed(b"tkhd", head), boxed(b"mdia", &media.concat())].concat())
}

fn itunes(tags: &[(&[u8; 4], &str)]) -> Vec<u8> {
    let entry =
        |(name, text): &(&[u8; 4], &str)| boxed(name, &boxed(b"data", &[&longs(&[1, 0]), text.as_bytes()].concat()));
    let list = boxed(b"ilst", &tags.iter().flat_map(entry).collect::<Vec<u8>>());
    boxed(b"udta", &boxed(b"meta", &[&[0; 4], &list[..]].concat()))
}

#[test]
fn a_film_tells_its_length_its_codecs_and_which_way_is_up() {
    let (metadata, words) = read(
        Format::Video,
        mp4(b"isom", &itunes(&[(b"\xa9nam", "Harbour"), (b"\xa9ART", "Trio"), (b"\xa9cmt", "at dawn")])),
    );
    assert_eq!(metadata.container.as_deref(), Some("mp4"));
    assert_eq!(metadata.duration_ms, Some(10_000));
    assert_eq!((metadata.width, metadata.height, metadata.orientation), (Some(640), Some(360), Some(6)));
    assert_eq!((metadata.video_codec.as_deref(), metadata.frame_rate), (Some("hevc"), Some(25.0)));
    assert_eq!(metadata.audio_codec.as_deref(), Some("aac"));
    assert_eq!((metadata.sample_rate, metadata.channels), (Some(48_000), Some(1)));
    assert_eq!((metadata.title.as_deref(), metadata.artist.as_deref()), (Some("Harbour"), Some("Trio")));
    assert_eq!(metadata.created_at.as_deref(), Some("2026-11-09T18:00:01Z"));
    assert_eq!(words, "Harbour\nTrio\nat dawn\n");
}

#[test]
fn a_telephone_says_where_and_when_in_names_of_its_own() {
    let keys = ["com.apple.quicktime.location.ISO6709", "com.apple.quicktime.creationdate", "com.apple.quicktime.make"];
    let values = ["+48.8584+002.2945+035.000/", "2026-11-21T07:00:01+0100", "Hawser"];
    let names: Vec<u8> = keys.iter().flat_map(|key| boxed(b"mdta", key.as_bytes())).collect();
    let data = |index: usize| boxed(b"data", &[&longs(&[1, 0]), values[index].as_bytes()].concat());
    let list: Vec<u8> = (0..3).flat_map(|index| boxed(&(index as u32 + 1).to_be_bytes(), &data(index))).collect();
    let meta = boxed(b"meta", &[boxed(b"keys", &[longs(&[0, 3]), names].concat()), boxed(b"ilst", &list)].concat());
    let (metadata, _) = read(Format::Video, mp4(b"qt  ", &meta));
    assert_eq!(metadata.container.as_deref(), Some("mov"));
    assert_eq!((metadata.latitude, metadata.longitude), (Some(48.8584), Some(2.2945)));
    assert_eq!(metadata.taken_at.as_deref(), Some("2026-11-21T07:00:01+01:00"));
    assert_eq!(metadata.camera_make.as_deref(), Some("Hawser"));
}

#[test]
fn a_film_in_fragments_is_as_long_as_its_last_one_ends() {
    let head = [longs(&[0, 0, 0, 1]), vec![0; 68]].concat();
    let times = longs(&[0, 0, 0, 1_000, 0]);
    let film = track(&head, b"vide", &times, &boxed(b"avc1", &[0; 78]), 0);
    let moov = boxed(b"moov", &[boxed(b"mvhd", &times), film].concat());
    let fragment = |start: u32| {
        let run = longs(&[0x100, 2, 40, 60]);
        let piece =
            [boxed(b"tfhd", &longs(&[0, 1])), boxed(b"tfdt", &longs(&[0, start])), boxed(b"trun", &run)].concat();
        boxed(b"moof", &boxed(b"traf", &piece))
    };
    let bytes = [boxed(b"ftyp", b"iso5\0\0\0\0"), moov, fragment(0), fragment(7_000)].concat();
    assert_eq!(read(Format::Video, bytes).0.duration_ms, Some(7_100));
}

fn matroska(kind: &[u8], info: &[u8], rest: &[u8]) -> Vec<u8> {
    let picture = [element(0xb0, &[2, 0x80]), element(0xba, &[1, 0x68])].concat();
    let film = [
        element(0x83, &[1]),
        element(0x86, b"V_VP9"),
        element(0x23_e383, &40_000_000u32.to_be_bytes()),
        element(0xe0, &picture),
    ];
    let heard = [element(0xb5, &48_000f32.to_be_bytes()), element(0x9f, &[2])].concat();
    let sound = [element(0x83, &[2]), element(0x86, b"A_OPUS"), element(0xe1, &heard)];
    let tracks = element(0x1654_ae6b, &[element(0xae, &film.concat()), element(0xae, &sound.concat())].concat());
    let head = element(0x1a45_dfa3, &element(0x4282, kind));
    // A segment of unknown length, as a live recording has it.
    let segment = [
        &[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
        &element(0x1549_a966, info),
        &tracks,
        rest,
    ];
    [head, segment.concat()].concat()
}

#[test]
fn matroska_tells_the_same() {
    let info = [
        element(0x2a_d7b1, &1_000_000u32.to_be_bytes()),
        element(0x4489, &3_008.0f64.to_be_bytes()),
        element(0x7ba9, "Hafen".as_bytes()),
    ]
    .concat();
    let tag = element(0x67c8, &[element(0x45a3, b"ARTIST"), element(0x4487, b"Trio")].concat());
    let tags = element(0x1254_c367, &element(0x7373, &tag));
    let (metadata, words) = read(Format::Video, matroska(b"webm", &info, &tags));
    assert_eq!((metadata.container.as_deref(), metadata.duration_ms), (Some("webm"), Some(3_008)));
    assert_eq!((metadata.width, metadata.height, metadata.frame_rate), (Some(640), Some(360), Some(25.0)));
    assert_eq!((metadata.video_codec.as_deref(), metadata.audio_codec.as_deref()), (Some("vp9"), Some("opus")));
    assert_eq!((metadata.sample_rate, metadata.channels), (Some(48_000), Some(2)));
    assert_eq!(words, "Hafen\nTrio\n");
}

#[test]
fn a_live_recording_is_as_long_as_its_last_block_says() {
    let cluster = |start: u16, at: i16| {
        let block = [&[0x81], &at.to_be_bytes()[..], &[0, 1, 2, 3]].concat();
        let inside = [element(0xe7, &start.to_be_bytes()), element(0xa3, &block)].concat();
        [&[0x1f, 0x43, 0xb6, 0x75, 0xff][..], &inside].concat()
    };
    let (metadata, _) = read(Format::Video, matroska(b"matroska", &[], &[cluster(0, 10), cluster(9_000, 40)].concat()));
    assert_eq!((metadata.container.as_deref(), metadata.duration_ms), (Some("matroska"), Some(9_040)));
}

#[test]
fn avi_tells_what_its_streams_are() {
    let number = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let main = number(&[40_000, 0, 0, 0, 250, 0, 2, 0, 640, 360]);
    let head = |kind: &[u8; 4], scale, rate, length| {
        [kind.as_slice(), &number(&[0, 0, 0, 0, scale, rate, 0, length])].concat()
    };
    let stream = |head: Vec<u8>, format: Vec<u8>| {
        chunk(b"LIST", &[b"strl".to_vec(), chunk(b"strh", &head), chunk(b"strf", &format)].concat())
    };
    let film = stream(head(b"vids", 1, 25, 250), [number(&[40, 640, 360, 0]), b"XVID".to_vec()].concat());
    let sound =
        stream(head(b"auds", 1, 44_100, 441_000), [&[0x55, 0, 1, 0][..], &number(&[44_100, 16_000]), &[0; 4]].concat());
    let info = chunk(b"LIST", &[b"INFO".to_vec(), chunk(b"INAM", b"Old reel\0")].concat());
    let header = chunk(b"LIST", &[b"hdrl".to_vec(), chunk(b"avih", &main), film, sound].concat());
    let avi = chunk(b"RIFF", &[b"AVI ".to_vec(), header, info].concat());
    let (metadata, _) = read(Format::Video, avi);
    assert_eq!((metadata.container.as_deref(), metadata.duration_ms), (Some("avi"), Some(10_000)));
    assert_eq!((metadata.width, metadata.height, metadata.frame_rate), (Some(640), Some(360), Some(25.0)));
    assert_eq!((metadata.video_codec.as_deref(), metadata.audio_codec.as_deref()), (Some("mpeg4"), Some("mp3")));
    assert_eq!((metadata.sample_rate, metadata.channels), (Some(44_100), Some(1)));
    assert_eq!(metadata.title.as_deref(), Some("Old reel"));
}

#[test]
fn films_without_a_header_are_malformed() {
    assert_eq!(refused(Format::Video, boxed(b"ftyp", b"isom\0\0\0\0")), Outcome::Malformed);
    assert_eq!(refused(Format::Video, element(0x1a45_dfa3, &[])), Outcome::Malformed);
    assert_eq!(refused(Format::Video, b"RIFF\x04\0\0\0AVI ".to_vec()), Outcome::Malformed);
    assert_eq!(refused(Format::Video, b"FLV\x01".to_vec()), Outcome::Unsupported);
}
