//! Documents as word processors write them.

use std::sync::Arc;

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

fn text_of(body: &str) -> String {
    let (ended, _, text) = read_bytes(format!("{{\\rtf1\\ansi\\ansicpg1252 {body}}}").as_bytes());
    ended.unwrap();
    text
}

#[test]
fn bytes_are_read_in_the_code_page_of_their_font() {
    let text = text_of(
        "{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial Cyr;}{\\f2\\fcharset128 Mincho;}{\\f3\\fnil\\cpg1253 X;}{\\f4\\fcharset254 T;}}\
         \\f0 caf\\'e9 \\f1 \\'e4\\'e0 {\\f2 \\'82\\'a0\\'83e} \\f3 \\'ed \\f4 \\'81\\f9 \\'fc",
    );
    assert_eq!(text, "café да あテ ν üü\n");
}

#[test]
fn east_asian_text_has_a_font_of_its_own() {
    let fonts =
        "{\\fonttbl{\\f26\\fcharset0 Century;}{\\f23\\fcharset128 Mincho;}}\\plain\\loch\\af26\\hich\\af26\\dbch\\af23";
    let body = "{\\hich\\af26\\dbch\\af23\\loch\\f26 caf\\'e9 }{\\loch\\af26\\hich\\af26\\dbch\\f23 \\'82\\'a0}";
    assert_eq!(text_of(&format!("{fonts}{body}")), "café あ\n");
}

#[test]
fn unicode_is_read_and_its_fallback_skipped() {
    assert_eq!(
        text_of("a\\u1076?\\uc2\\u1072\\'82\\'a0b\\uc0\\u-10179\\u-8704 c\\uc1\\u8364\\par d"),
        "aдаb\u{1f600}c€d\n"
    );
    assert_eq!(text_of("one\\u-10240 ? two\\u-9216 ? three"), "one two three\n");
    assert_eq!(text_of("{\\upr{old}{\\*\\ud{new}}} x"), "new x\n");
}

#[test]
fn the_star_hides_a_group_only_at_its_beginning() {
    assert_eq!(
        text_of("a{\\*\\unknown hidden}b{\\b\\*\\i shown}c{\\*\\shpinst{\\sp{\\sn x}{\\sv y}}{\\shptxt box}}d"),
        "abshowncd\nbox\n"
    );
}

#[test]
fn what_is_not_shown_stays_out() {
    let body = "{\\stylesheet{\\s1 Heading;}}{\\colortbl;\\red0;}{\\pict\\wmetafile8 0123abcd}{\\v secret}{\\deleted gone}{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt link}}\\bin5 }{}{} end";
    assert_eq!(text_of(body), "link end\n");
}

#[test]
fn marks_and_characters_by_name_are_themselves() {
    assert_eq!(
        text_of("a\\~b\\_c\\-d\\emdash e\\'7b\\{\\par\nf\\cell g\\row h\\line i\\\n j"),
        "a\u{a0}b-cd—e{{\nf\tg\nh\ni\n j\n"
    );
}

#[test]
fn notes_and_headers_do_not_tear_a_sentence() {
    assert_eq!(
        text_of("{\\header above\\par}one{\\footnote note\\par} two\\par three"),
        "one two\nabove\nnote\nthree\n"
    );
}

#[test]
fn a_document_tells_of_itself() {
    let (_, reading, text) = read_bytes(
        b"{\\rtf1\\ansi{\\info{\\title A {\\b rope}\\'e9}{\\author Ann}{\\keywords x; y}{\\creatim\\yr2024\\mo2\\dy3\\hr4\\min5}{\\revtim\\yr2024\\mo3\\dy1}{\\*\\company no}{\\nofpages3}{\\doccomm no}}text}",
    );
    let metadata = reading.metadata;
    assert_eq!(metadata.title.as_deref(), Some("A rope\u{e9}"));
    assert_eq!(metadata.author.as_deref(), Some("Ann"));
    assert_eq!(metadata.keywords, ["x", "y"]);
    assert_eq!(metadata.created_at.as_deref(), Some("2024-02-03T04:05:00"));
    assert_eq!(metadata.modified_at.as_deref(), Some("2024-03-01T00:00:00"));
    assert_eq!((metadata.pages, text.as_str()), (Some(3), "text\n"));
}

#[test]
fn a_file_inside_is_read_after_the_document() {
    let mut package = b"\x02\x00inner.txt\0C:\\inner.txt\0\0\0\x03\0\x0d\0\0\0C:\\inner.txt\0".to_vec();
    package.extend_from_slice(&14_u32.to_le_bytes());
    package.extend_from_slice(b"a knot, inside");
    let mut data = vec![1, 5, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0];
    data.extend_from_slice(b"Package\0\0\0\0\0\0\0\0\0");
    data.extend_from_slice(&(package.len() as u32).to_le_bytes());
    data.extend_from_slice(&package);
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = text_of(&format!(
        "outer{{\\object\\objemb{{\\*\\objclass Package}}{{\\*\\objdata {hex}}}{{\\result shown}}}}\\par"
    ));
    assert_eq!(text, "outershown\na knot, inside\n");
}

#[test]
fn a_drawing_is_read_where_the_object_it_shows_is_not_there() {
    let hex: String = metafile::tests::order("drawn words", 1).iter().map(|byte| format!("{byte:02x}")).collect();
    let drawing = format!(
        "{{\\pict{{\\*\\picprop{{\\sp{{\\sn a}}{{\\sv 1}}}}}}\\picw9\\emfblip\\bliptag7{{\\*\\blipuid 00ff}}\n{hex}}}"
    );
    assert_eq!(
        text_of(&format!("{{\\object\\objautlink{{\\*\\objdata 0105}}{{\\result a{{\\*\\shppict{drawing}}}b}}}}")),
        "ab\ndrawn words\n"
    );
}

#[test]
fn groups_that_nest_too_deep_end_the_reading_and_keep_the_text() {
    let (ended, _, text) = read_bytes(format!("{{\\rtf1 kept\\par{}", "{".repeat(MAX_GROUPS + 1)).as_bytes());
    assert!(matches!(ended, Err(Stop::Fault(fault)) if fault.outcome == Outcome::TooLarge));
    assert_eq!(text, "kept\n");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(pieces in proptest::collection::vec("(\\{|\\}|\\\\(u-?[0-9]{1,11}|uc[0-9]|'[0-9a-f]{1,2}|bin-?[0-9]{1,3}|objdata|pict|emfblip|info|title|footnote|fonttbl|f1|fcharset[0-9]{1,3}|upr|par|cell|\\*|[a-z]{1,4}) ?|.{0,4})", 0..60)) {
        let _ = read_bytes(format!("{{\\rtf1{}", pieces.concat()).as_bytes());
    }

    #[test]
    fn no_object_makes_the_reader_panic(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        object::files(&data).len();
        let mut shell = vec![1, 5, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0];
        shell.extend_from_slice(&data);
        prop_assert_eq!(object::files(&shell).len(), 1);
    }
}
