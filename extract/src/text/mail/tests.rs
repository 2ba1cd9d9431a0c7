//! Messages as they travel.

use std::{sync::Arc, time::Instant};

use proptest::prelude::*;

use super::*;
use crate::Outcome;

fn read_bytes(bytes: &[u8]) -> (Result<(), Stop>, Reading, String) {
    let mut reading = Reading::default();
    let source = Source { bytes: Arc::new(bytes.to_vec()), ..Source::default() };
    let ended = read(&source, &mut reading);
    let text = std::mem::take(&mut reading.sink).finish();
    (ended, reading, text)
}

const HEAD: &str = "From: =?utf-8?Q?J=C3=BCrg?= <j@example.org>\r\nTo: Ann <a@example.org>, b@example.org\r\nSubject: =?koi8-r?B?89XEzs8=?=\r\n\
    Date: Wed, 1 May 2024 10:20:30 +0200\r\nMIME-Version: 1.0\r\n";

#[test]
fn a_message_tells_who_wrote_what_to_whom_and_when() {
    let (ended, reading, text) = read_bytes(format!("{HEAD}\r\nThe rope holds.\r\n").as_bytes());
    ended.unwrap();
    assert_eq!(
        text,
        "Jürg <j@example.org>\nAnn <a@example.org>\nb@example.org\n2024-05-01T10:20:30+02:00\nСудно\nThe rope holds.\n"
    );
    assert_eq!(reading.metadata.title.as_deref(), Some("Судно"));
    assert_eq!(reading.metadata.author.as_deref(), Some("Jürg"));
    assert_eq!(reading.metadata.created_at.as_deref(), Some("2024-05-01T10:20:30+02:00"));
}

#[test]
fn the_body_in_html_is_read_where_it_says_more_than_the_plain_one() {
    let alternative = |plain: &str| {
        format!(
            "{HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n\
             --b\r\nContent-Type: text/html\r\n\r\n<p>the same <b>rope</b> twice</p>\r\n--b--\r\n"
        )
    };
    let (_, _, text) = read_bytes(alternative("the same\r\nrope twice").as_bytes());
    assert_eq!(text.matches("rope").count(), 1, "{text}");
    for stub in ["", "see the other part"] {
        let (_, _, text) = read_bytes(alternative(stub).as_bytes());
        assert!(text.contains("the same rope twice") && text.contains(stub), "{text}");
    }
}

#[test]
fn text_whose_encoding_is_not_told_or_is_wrong_is_read_by_its_bytes() {
    let russian = "Капитан внимательно проверил грузовые документы перед отходом судна.";
    for header in ["", "Content-Type: text/plain; charset=utf-8\r\n"] {
        let mut bytes = format!("Subject: x\r\n{header}\r\n").into_bytes();
        bytes.extend_from_slice(&encoding_rs::WINDOWS_1251.encode(russian).0);
        let (_, reading, text) = read_bytes(&bytes);
        assert!(text.contains(russian), "{text}");
        assert_eq!(reading.encoding.as_deref(), Some("windows-1251"));
    }
    let mut bytes = b"Subject: x\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n".to_vec();
    bytes.extend_from_slice(&encoding_rs::ISO_2022_JP.encode("船は港を出る").0);
    assert!(read_bytes(&bytes).2.contains("船は港を出る"));
}

/// A message with a text file and a message inside, which has a message attached in turn, and so on.
fn nested(depth: usize) -> String {
    let mut message = "Subject: innermost\r\n\r\nend\r\n".to_owned();
    for level in (0..depth).rev() {
        message = format!(
            "Subject: level {level}\r\nContent-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n\r\nbody {level}\r\n\
             --b{level}\r\nContent-Type: application/octet-stream; name=\"file{level}.txt\"\r\nContent-Disposition: attachment\r\n\
             Content-Transfer-Encoding: base64\r\n\r\naW5zaWRlIHRoZSBmaWxl\r\n\
             --b{level}\r\nContent-Type: message/rfc822\r\n\r\n{message}\r\n--b{level}--\r\n"
        );
    }
    message
}

#[test]
fn attachments_and_messages_inside_are_read_two_levels_deep() {
    let (ended, reading, text) = read_bytes(nested(5).as_bytes());
    ended.unwrap();
    for expected in
        ["level 0", "body 0", "file0.txt", "level 1", "body 1", "file1.txt", "level 2", "body 2", "file2.txt"]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(!text.contains("level 3"), "{text}");
    // The file of the outermost message and of the one inside are read, that of the third is too deep.
    assert_eq!(text.matches("inside the file").count(), 2, "{text}");
    assert_eq!(reading.metadata.title.as_deref(), Some("level 0"));
}

#[test]
fn thousands_of_messages_inside_each_other_cost_nothing() {
    let mut message = String::new();
    for level in 0..20_000 {
        message.push_str(&format!("Subject: level {level}\r\nContent-Type: message/rfc822\r\n\r\n"));
    }
    let begun = Instant::now();
    let (_, _, text) = read_bytes(message.as_bytes());
    assert!(text.starts_with("level 0\n"), "{text}");
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn messages_in_a_row_are_all_read() {
    let (_, reading, text) = read_bytes(b"From a@x Thu Jan  1 00:00:00 2024\nSubject: one\n\nfirst\n\nFrom b@x Thu Jan  1 00:00:00 2024\nSubject: two\n\nsecond\n");
    assert!(["one", "first", "two", "second"].iter().all(|word| text.contains(word)), "{text}");
    assert_eq!(reading.metadata.title.as_deref(), Some("one"));
}

#[test]
fn a_sealed_message_tells_its_subject_and_that_it_is_sealed() {
    let (ended, _, text) = read_bytes(b"Subject: secret\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n");
    assert!(matches!(ended, Err(Stop::Fault(fault)) if fault.outcome == Outcome::Encrypted));
    assert_eq!(text, "secret\n");
}

#[test]
fn parts_that_end_where_no_part_is_open_are_read() {
    let (ended, _, text) = read_bytes(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n\r\ninner\r\n--b--\r\n",
    );
    ended.unwrap();
    assert!(text.contains("inner"), "{text}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(lines in proptest::collection::vec("(Content-Type: (multipart/mixed; boundary=b|message/rfc822|text/html)|--b(--)?|Subject: .{0,9}||.{0,20})", 0..30), tail in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut bytes = lines.join("\r\n").into_bytes();
        bytes.extend(tail);
        let _ = read_bytes(&bytes);
    }
}
