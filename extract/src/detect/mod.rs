//! What a file is, by its bytes. The cloud's MIME type and the name's extension only decide where bytes leave a choice.
//! Containers are opened (`compound`, `package`), letters are told from noise (`letters`), and what is written in
//! letters is told apart by how it begins (`written`); every other kind has its mark (`mark`).

mod compound;
mod format;
mod hint;
mod letters;
mod mark;
mod package;
mod written;

pub use format::{Family, Format};

use crate::Source;

/// Tells what the bytes are. Work is bounded whatever they are, and anything at all may come in.
pub fn format(source: &Source) -> Format {
    let bytes = source.bytes.as_slice();
    let hint = hint::of(source);
    mark::certain(bytes, hint)
        .or_else(|| compound::format(bytes))
        .or_else(|| package::format(bytes))
        .or_else(|| letters::head(bytes, hint).map(|head| written::format(&head, hint)))
        .unwrap_or_else(|| mark::probable(bytes, hint))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn named(bytes: &[u8], name: &str) -> Format {
        format(&Source { bytes: Arc::new(bytes.to_vec()), name: Some(name.into()), mime_type: None })
    }

    #[test]
    fn a_name_never_wins_over_the_content() {
        assert_eq!(named(b"just a line of words", "report.odt"), Format::Text);
        assert_eq!(named(b"%PDF-1.4\n1 0 obj", "picture.png"), Format::Pdf);
        assert_eq!(named(b"{\\rtf1\\ansi hi}", "letter.doc"), Format::Rtf);
        assert_eq!(named(b"<html><body>hi", "book.xls"), Format::Html);
        assert_eq!(named(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "notes.txt"), Format::Png);
    }

    #[test]
    fn a_name_or_a_mime_type_parts_kinds_of_text() {
        assert_eq!(named(b"a,b\n1,2\n", "t.csv"), Format::Csv);
        assert_eq!(named(b"a,b\n1,2\n", "t.MD"), Format::Markdown);
        assert_eq!(named(b"fn main() {}\n", "main.rs"), Format::Code);
        let typed =
            Source { bytes: Arc::new(b"a;b".to_vec()), name: None, mime_type: Some("text/csv; charset=utf-8".into()) };
        assert_eq!(format(&typed), Format::Csv);
    }

    #[test]
    fn noise_and_nothing_are_not_text() {
        let noise: Vec<u8> = (0u32..4000).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(named(&noise, "letter.txt"), Format::Unknown);
        assert_eq!(named(b"", "empty.txt"), Format::Text);
        assert_eq!(named(b"", "empty"), Format::Unknown);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_is_told_apart(
            start in prop::sample::select(vec![
                &b""[..], b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-", b"<?xml", b"II*\0", b"\0\0\0\x18ftyp",
                b"\xff\xfe", b"BM", b"From: ", b"MM\0*",
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..3000),
            name in ".{0,12}",
        ) {
            let bytes = [start, &rest].concat();
            let _ = format(&Source { bytes: Arc::new(bytes), name: Some(name.clone()), mime_type: Some(name) });
        }
    }
}
