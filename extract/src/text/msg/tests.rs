//! Messages put together property by property.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;
use crate::Outcome;

struct Maker {
    file: cfb::CompoundFile<Cursor<Vec<u8>>>,
}

impl Maker {
    fn new() -> Self {
        Self { file: cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap() }
    }

    fn put(mut self, path: &str, bytes: &[u8]) -> Self {
        let storage = path.rsplit_once('/').unwrap().0;
        if !storage.is_empty() {
            self.file.create_storage_all(storage).unwrap();
        }
        self.file.create_stream(path).unwrap().write_all(bytes).unwrap();
        self
    }

    fn text(self, path: &str, text: &str) -> Self {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.put(&format!("{path}001F"), &bytes)
    }

    fn fixed(self, storage: &str, head: usize, values: &[(u16, u64)]) -> Self {
        let mut table = vec![0; head];
        for (tag, value) in values {
            table.extend_from_slice(&[3, 0]);
            table.extend_from_slice(&tag.to_le_bytes());
            table.extend_from_slice(&[0; 4]);
            table.extend_from_slice(&value.to_le_bytes());
        }
        self.put(&format!("{storage}/__properties_version1.0"), &table)
    }

    fn read(self) -> (Result<(), Stop>, Reading, String) {
        read_bytes(self.file.into_inner().into_inner())
    }
}

fn read_bytes(bytes: Vec<u8>) -> (Result<(), Stop>, Reading, String) {
    let mut reading = Reading::default();
    let ended = read(&Source { bytes: Arc::new(bytes), ..Source::default() }, &mut reading);
    let text = std::mem::take(&mut reading.sink).finish();
    (ended, reading, text)
}

#[test]
fn a_message_tells_who_wrote_what_to_whom_and_when() {
    let (ended, reading, text) = Maker::new()
        .fixed("", 32, &[(0x0039, (1_709_210_096 + 11_644_473_600) * 10_000_000)])
        .text("/__substg1.0_0037", "Судно")
        .text("/__substg1.0_0C1A", "Jürg")
        .text("/__substg1.0_5D01", "j@example.org")
        .text("/__recip_version1.0_#00000000/__substg1.0_3001", "Ann")
        .text("/__recip_version1.0_#00000000/__substg1.0_39FE", "a@example.org")
        .text("/__substg1.0_1000", "The rope\r\nholds.")
        .put("/__substg1.0_10130102", b"<p>The <b>rope</b> holds.</p>")
        .read();
    ended.unwrap();
    assert_eq!(text, "Jürg <j@example.org>\nAnn <a@example.org>\n2024-02-29T12:34:56Z\nСудно\nThe rope holds.\n");
    let metadata = reading.metadata;
    assert_eq!(metadata.title.as_deref(), Some("Судно"));
    assert_eq!(metadata.author.as_deref(), Some("Jürg"));
    assert_eq!(metadata.created_at.as_deref(), Some("2024-02-29T12:34:56Z"));
}

#[test]
fn strings_in_bytes_are_in_the_code_page_of_the_message() {
    let subject = encoding_rs::WINDOWS_1253.encode("ναι").0.into_owned();
    for told in [(0x3ffd, 1253), (0x3fde, 1253), (0x3ff1, 0x0408)] {
        let maker = Maker::new().fixed("", 32, &[told]).put("/__substg1.0_0037001E", &subject);
        assert_eq!(maker.read().2, "ναι\n", "{told:?}");
    }
    let body = "Капитан внимательно проверил грузовые документы перед отходом судна.";
    let (_, reading, text) =
        Maker::new().put("/__substg1.0_1000001E", &encoding_rs::WINDOWS_1251.encode(body).0).read();
    assert_eq!((reading.encoding.as_deref(), text.trim()), (Some("windows-1251"), body));
}

#[test]
fn a_body_in_rich_text_only_is_unpacked() {
    let packed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125B2\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
    assert_eq!(Maker::new().put("/__substg1.0_10090102", packed).read().2, "hello world\n");
}

#[test]
fn attachments_and_messages_inside_are_read_two_levels_deep() {
    let mut maker = Maker::new().text("/__substg1.0_0037", "level 0");
    let mut path = String::new();
    for level in 1..5 {
        let attachment = format!("{path}/__attach_version1.0_#00000000");
        maker = maker.text(&format!("{attachment}/__substg1.0_3707"), &format!("file{level}.txt"));
        maker = maker.put(&format!("{attachment}/__substg1.0_37010102"), format!("inside file {level}").as_bytes());
        path = format!("{path}/__attach_version1.0_#00000001/__substg1.0_3701000D");
        maker = maker.text(&format!("{path}/__substg1.0_0037"), &format!("level {level}"));
    }
    let (ended, reading, text) = maker.read();
    ended.unwrap();
    assert_eq!(text, "file1.txt\nlevel 0\ninside file 1\nfile2.txt\nlevel 1\ninside file 2\nfile3.txt\nlevel 2\n");
    assert_eq!(reading.metadata.title.as_deref(), Some("level 0"));
}

#[test]
fn contacts_and_appointments_tell_what_is_theirs() {
    let (_, _, text) = Maker::new()
        .text("/__substg1.0_001A", "IPM.Contact")
        .text("/__substg1.0_3A16", "Ropes Ltd")
        .put("/__nameid_version1.0/__substg1.0_00030102", &[0x08, 0x82, 0, 0, 6, 0, 2, 0])
        .text("/__substg1.0_8002", "Pier 7")
        .read();
    assert_eq!(text, "Ropes Ltd\nPier 7\n");
}

#[test]
fn a_sealed_message_says_so() {
    let (ended, _, text) =
        Maker::new().text("/__substg1.0_001A", "IPM.Note.SMIME").text("/__substg1.0_0037", "secret").read();
    assert!(matches!(ended, Err(Stop::Fault(fault)) if fault.outcome == Outcome::Encrypted));
    assert_eq!(text, "secret\n");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20), value in proptest::collection::vec(any::<u8>(), 0..300)) {
        let maker = Maker::new()
            .fixed("", 32, &[(0x3ffd, 1253)])
            .put("/__substg1.0_1000001E", &value)
            .put("/__substg1.0_10090102", &[&b"\0\0\0\0\0\0\0\0LZFu\0\0\0\0"[..], &value].concat())
            .put("/__attach_version1.0_#00000000/__substg1.0_37010102", &value);
        let mut bytes = maker.file.into_inner().into_inner();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read_bytes(bytes);
    }
}
