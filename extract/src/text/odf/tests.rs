//! Documents made by hand, as the office programs write them.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{Outcome, text::archive::tests::zipped};

const HEAD: &str = "<office:document-content xmlns:office='o' xmlns:text='t' xmlns:table='b'>\
    <office:automatic-styles><number:text>no</number:text></office:automatic-styles><office:body><office:text>";
const FOOT: &str = "</office:text></office:body></office:document-content>";

fn read_parts(parts: &[(&str, &[u8])], format: Format) -> (Result<(), Stop>, Reading, String) {
    let mut reading = Reading::default();
    let source = Source { bytes: Arc::new(zipped(parts)), ..Source::default() };
    let ended = read(&source, format, &mut reading);
    let text = std::mem::take(&mut reading.sink).finish();
    (ended, reading, text)
}

fn text_of(body: &str) -> String {
    let (ended, _, text) = read_parts(&[("content.xml", format!("{HEAD}{body}{FOOT}").as_bytes())], Format::Odt);
    ended.unwrap();
    text
}

#[test]
fn paragraphs_are_lines_and_blanks_are_blanks() {
    let text = text_of(
        "<text:h>Head</text:h><text:p>one<text:s text:c='2'/>two<text:tab/>three<text:line-break/>fo<text:span>ur</text:span></text:p>",
    );
    assert_eq!(text, "Head\none  two\tthree\nfour\n");
}

#[test]
fn indents_of_the_markup_are_no_text() {
    assert_eq!(
        text_of("\n  <text:p>one\n     two <text:span>\n three</text:span></text:p>\n  <text:p>four</text:p>\n"),
        "one two three\nfour\n"
    );
}

#[test]
fn deleted_text_that_is_tracked_stays_out() {
    let text = text_of(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>kept</text:p>",
    );
    assert_eq!(text, "kept\n");
}

#[test]
fn notes_and_comments_follow_the_paragraph_they_interrupt() {
    let text = text_of(
        "<text:p>be<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>foot</text:p></text:note-body></text:note>fore \
         <office:annotation><dc:creator>Ann</dc:creator><dc:date>2024</dc:date><text:p>remark</text:p></office:annotation>after</text:p><text:p>next</text:p>",
    );
    assert_eq!(text, "before after\nfoot\nremark\nnext\n");
}

#[test]
fn cells_are_parted_and_rows_are_lines() {
    let table = "<table:table table:name='T'><table:table-row><table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell>\
        <table:table-cell table:number-columns-repeated='3'/><table:table-cell office:value='7'/></table:table-row>\
        <table:table-row><table:table-cell table:number-columns-repeated='2'><text:p>c</text:p></table:table-cell></table:table-row></table:table>";
    assert_eq!(text_of(table), "a b \t7\t\nc \tc\t\n");
}

#[test]
fn headers_footers_and_objects_inside_are_read_too() {
    let styles = b"<s><office:styles><x>no</x></office:styles><style:master-page><style:header><text:p>above</text:p></style:header><draw:frame><text:p>no</text:p></draw:frame></style:master-page></s>";
    let content = format!("{HEAD}<text:p>main</text:p>{FOOT}");
    let object = format!("{HEAD}<text:p>inner</text:p>{FOOT}");
    let (ended, _, text) = read_parts(
        &[("content.xml", content.as_bytes()), ("styles.xml", styles), ("Object 1/content.xml", object.as_bytes())],
        Format::Odt,
    );
    ended.unwrap();
    assert_eq!(text, "main\nabove\ninner\n");
}

#[test]
fn what_a_master_shows_on_every_slide_is_read_and_what_it_waits_for_is_not() {
    let frame = |class: &str, text: &str| {
        format!(
            "<draw:frame presentation:class='{class}'><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
        )
    };
    let masters = format!(
        "<s><style:master-page>{}{}{}<presentation:notes><text:p>no</text:p></presentation:notes></style:master-page></s>",
        frame("title", "Click to edit"),
        frame("footer", "below <text:page-number>no</text:page-number>"),
        frame("outline", "no")
    );
    let content = format!(
        "{HEAD}<presentation:footer-decl>one</presentation:footer-decl><presentation:footer-decl>two</presentation:footer-decl>{FOOT}"
    );
    let (_, _, text) =
        read_parts(&[("content.xml", content.as_bytes()), ("styles.xml", masters.as_bytes())], Format::Odp);
    assert_eq!(text, "one\ntwo\nbelow \n");
}

#[test]
fn sheets_tell_their_names_and_their_count() {
    let sheet = "<table:table table:name='Costs'><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>";
    let content = format!("{HEAD}{sheet}{sheet}{FOOT}");
    let (_, reading, text) = read_parts(&[("content.xml", content.as_bytes())], Format::Ods);
    assert_eq!((reading.metadata.pages, text.as_str()), (Some(2), "Costs\nx \t\nCosts\nx \t\n"));
}

#[test]
fn a_document_tells_of_itself() {
    let meta = "<office:document-meta><office:meta><meta:initial-creator>Ann</meta:initial-creator><dc:creator>Bob</dc:creator>\
        <dc:title>A &amp; B</dc:title><meta:keyword>rope</meta:keyword><meta:keyword>knot</meta:keyword><dc:date>2024-02-03T04:05:06.7</dc:date>\
        <meta:creation-date>2023-01-02T03:04:05</meta:creation-date><meta:document-statistic meta:page-count='3'/></office:meta></office:document-meta>";
    let content = format!("{HEAD}<text:p>x</text:p>{FOOT}");
    let (_, reading, _) =
        read_parts(&[("meta.xml", meta.as_bytes()), ("content.xml", content.as_bytes())], Format::Odt);
    let metadata = reading.metadata;
    assert_eq!(metadata.title.as_deref(), Some("A & B"));
    assert_eq!(metadata.author.as_deref(), Some("Ann"));
    assert_eq!(metadata.keywords, ["rope", "knot"]);
    assert_eq!(metadata.created_at.as_deref(), Some("2023-01-02T03:04:05"));
    assert_eq!(metadata.modified_at.as_deref(), Some("2024-02-03T04:05:06"));
    assert_eq!(metadata.pages, Some(3));
}

#[test]
fn an_encrypted_document_says_so() {
    let manifest = b"<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let (ended, ..) = read_parts(&[("META-INF/manifest.xml", manifest), ("content.xml", b"\x01\x02")], Format::Odt);
    let Err(Stop::Fault(fault)) = ended else { panic!("it was read") };
    assert_eq!(fault.outcome, Outcome::Encrypted);
}

#[test]
fn a_document_that_breaks_off_keeps_what_came_before() {
    let content = format!("{HEAD}<text:p>one</text:p><text:p>two<text:note><text:p>foot <text:p");
    let (ended, _, text) = read_parts(&[("content.xml", content.as_bytes())], Format::Odt);
    assert!(matches!(ended, Err(Stop::Fault(fault)) if fault.outcome == Outcome::Malformed));
    assert_eq!(text, "one\ntwo\nfoot \n");
}

proptest! {
    #[test]
    fn no_content_makes_the_reader_panic(content in "(<(/?(text:p|text:s text:c='9'|table:table-cell|table:table-row|text:note|office:body|style:header|draw:text-box)/?)>|[a-z&;<]{0,3}){0,60}") {
        let content = format!("<office:body>{content}");
        let _ = read_parts(&[("content.xml", content.as_bytes()), ("styles.xml", content.as_bytes())], Format::Ods);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0_usize..400) {
        let mut zip = zipped(&[("content.xml", &bytes), ("meta.xml", &bytes)]);
        let at = at % zip.len();
        zip[at] ^= 0x55;
        let source = Source { bytes: Arc::new(zip), ..Source::default() };
        let _ = read(&source, Format::Odt, &mut Reading::default());
        let source = Source { bytes: Arc::new(bytes), ..Source::default() };
        let _ = read(&source, Format::Odt, &mut Reading::default());
    }
}
