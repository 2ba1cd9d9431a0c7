//! Books made by hand.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{Outcome, text::archive::tests::zipped};

const CONTAINER: &[u8] = b"<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>";
const PACKAGE: &[u8] = b"<package><metadata><dc:title>A  Rope</dc:title><dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator>\
    <dc:language>en-GB</dc:language><dc:date>1901</dc:date><dc:subject>knots</dc:subject></metadata><manifest>\
    <item id='n' href='toc.ncx' media-type='application/x-dtbncx+xml'/><item id='b' href='a%20b.xml' media-type='application/xhtml+xml'/>\
    <item id='a' href='../second.txt' media-type='application/xhtml+xml'/><item id='i' href='i.png' media-type='image/png'/></manifest>\
    <spine toc='n'><itemref idref='b'/><itemref idref='a'/><itemref idref='i'/><itemref idref='b'/></spine></package>";
const FIRST: &[u8] = b"<?xml version='1.0'?><html><head><title/></head><body><p>first page<br/>of it</p></body></html>";
const SECOND: &[u8] = b"<html><head><title>hidden</title></head><body>second&nbsp;page</body></html>";
const TOC: &[u8] = b"<ncx><docTitle><text>A Rope</text></docTitle><navMap><navPoint><navLabel><text>One</text></navLabel></navPoint></navMap></ncx>";

fn read_parts(parts: &[(&str, &[u8])]) -> (Result<(), Stop>, Reading, String) {
    let mut reading = Reading::default();
    let source = Source { bytes: Arc::new(zipped(parts)), ..Source::default() };
    let ended = read(&source, &mut reading);
    let text = std::mem::take(&mut reading.sink).finish();
    (ended, reading, text)
}

fn book<'a>(more: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    let mut parts = vec![
        ("META-INF/container.xml", CONTAINER),
        ("second.txt", SECOND),
        ("OPS/book.opf", PACKAGE),
        ("OPS/a b.xml", FIRST),
        ("OPS/toc.ncx", TOC),
    ];
    parts.extend_from_slice(more);
    parts
}

#[test]
fn pages_come_in_the_order_of_the_book_whatever_their_names_are() {
    let (ended, reading, text) = read_parts(&book(&[]));
    ended.unwrap();
    assert_eq!(text, "first page\nof it\nsecond\u{a0}page\nA Rope\nOne\n");
    let metadata = reading.metadata;
    assert_eq!(metadata.title.as_deref(), Some("A Rope"));
    assert_eq!(metadata.author.as_deref(), Some("Ann, Bob"));
    assert_eq!(metadata.language.as_deref(), Some("en"));
    assert_eq!(metadata.created_at.as_deref(), Some("1901-01-01T00:00:00"));
    assert_eq!(metadata.keywords, ["knots"]);
}

#[test]
fn a_book_behind_a_lock_says_so_but_hidden_fonts_are_no_lock() {
    let locked = |algorithm: &str, uri: &str| {
        format!(
            "<encryption><EncryptedData><EncryptionMethod Algorithm='{algorithm}'/><CipherData><CipherReference URI='{uri}'/></CipherData></EncryptedData></encryption>"
        )
    };
    let aes = locked("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "OPS/a%20b.xml");
    let (ended, ..) = read_parts(&book(&[("META-INF/encryption.xml", aes.as_bytes())]));
    assert!(matches!(ended, Err(Stop::Fault(fault)) if fault.outcome == Outcome::Encrypted));
    let font = locked(FONT_HIDING[0], "OPS/a%20b.xml");
    read_parts(&book(&[("META-INF/encryption.xml", font.as_bytes())])).0.unwrap();
}

#[test]
fn a_book_without_a_package_gives_its_pages() {
    let (ended, _, text) = read_parts(&[("x/p.xhtml", FIRST), ("y.css", b"no")]);
    ended.unwrap();
    assert_eq!(text, "first page\nof it\n");
}

#[test]
fn references_lead_nowhere_outside() {
    assert_eq!(package::resolve("a/b", "../../../c%2Fd/./e#f"), "c/d/e");
    assert_eq!(package::resolve("a", "%zz%"), "a/%zz%");
}

proptest! {
    #[test]
    fn no_package_makes_the_reader_panic(package in ".{0,200}", page in ".{0,200}") {
        let parts = [("META-INF/container.xml", CONTAINER), ("OPS/book.opf", package.as_bytes()), ("p.html", page.as_bytes())];
        let _ = read_parts(&parts);
    }
}
