//! Which reader of ffmpeg a film or sound needs, by its first bytes. It is always forced: left to guess, ffmpeg takes a
//! play list for a film and opens the files it names.

/// ffmpeg's name for the container that begins so; nothing for what it must not be given.
pub fn demuxer(head: &[u8]) -> Option<&'static str> {
    let riff = head.get(8..12).filter(|_| head.starts_with(b"RIFF"));
    match head {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("mov"),
        // Files of QuickTime before it had a mark of its own.
        [_, _, _, _, b'm', b'o', b'o', b'v', ..] | [_, _, _, _, b'm', b'd', b'a', b't', ..] => Some("mov"),
        [_, _, _, _, b'w', b'i', b'd', b'e', ..] | [_, _, _, _, b'f', b'r', b'e', b'e', ..] => Some("mov"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("matroska"),
        [b'R', b'I', b'F', b'F', ..] if riff == Some(b"AVI ") => Some("avi"),
        [b'R', b'I', b'F', b'F', ..] if riff == Some(b"WAVE") => Some("wav"),
        [b'F', b'L', b'V', 1, ..] => Some("flv"),
        [b'O', b'g', b'g', b'S', ..] => Some("ogg"),
        [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, ..] => Some("asf"),
        [0, 0, 1, 0xba, ..] => Some("mpeg"),
        [0, 0, 1, 0xb3, ..] => Some("mpegvideo"),
        [b'f', b'L', b'a', b'C', ..] => Some("flac"),
        [b'F', b'O', b'R', b'M', ..] if matches!(head.get(8..12), Some(b"AIFF" | b"AIFC")) => Some("aiff"),
        [b'M', b'A', b'C', b' ', ..] => Some("ape"),
        [b'w', b'v', b'p', b'k', ..] => Some("wv"),
        [b'#', b'!', b'A', b'M', b'R', ..] => Some("amr"),
        // A tag may stand before other sounds than MP3, but nearly never does.
        [b'I', b'D', b'3', ..] => Some("mp3"),
        [0xff, second, ..] if second & 0xf6 == 0xf0 => Some("aac"),
        [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0 => Some("mp3"),
        [0x47, ..] if head.get(188) == Some(&0x47) && head.get(376) == Some(&0x47) => Some("mpegts"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_known_by_their_first_bytes_and_lists_are_not() {
        assert_eq!(demuxer(b"\0\0\0\x18ftypisom"), Some("mov"));
        assert_eq!(demuxer(b"\x1a\x45\xdf\xa3rest"), Some("matroska"));
        assert_eq!(demuxer(b"RIFF....AVI LIST"), Some("avi"));
        assert_eq!(demuxer(b"RIFF....WAVEfmt "), Some("wav"));
        assert_eq!(demuxer(b"RIFF....WEBP"), None);
        assert_eq!(demuxer(&[0xff, 0xf1, 0x50]), Some("aac"));
        assert_eq!(demuxer(&[0xff, 0xfb, 0x90]), Some("mp3"));
        for list in [b"#EXTM3U\n/etc/passwd".as_slice(), b"ffconcat version 1.0", b"<MPD xmlns", b"v=0\r\no=", b""] {
            assert_eq!(demuxer(list), None);
        }
    }
}
