//! HTML as a browser would show it, from its tokens: blocks part lines, cells part words, scripts and styles stay out.
//! No tree is built, so that nesting and tags left open cost nothing. Comes in: bytes of a page or markup of a mail or book.

mod page;

use encoding_rs::Encoding;

pub use page::{Dialect, Page, walk};

use super::{Reading, Stop, charset, stated};
use crate::{Fault, Outcome, Source};

pub fn read(source: &Source, into: &mut Reading) -> Result<(), Stop> {
    let bytes = &source.bytes;
    let declared = charset::of_mime_type(source.mime_type.as_deref()).or_else(|| declared(bytes));
    let Some(decoded) = charset::decode(bytes, declared) else {
        return Err(Fault::new(Outcome::Unsupported, "these bytes are not a text").into());
    };
    if into.encoding.is_none() {
        into.encoding = Some(decoded.encoding.to_owned());
    }
    let dialect = match decoded.text.trim_start().starts_with("<?xml") {
        true => Dialect::Xml,
        false => Dialect::Html,
    };
    let mut page = Page::default();
    let ended = walk(&decoded.text, dialect, &mut page, &mut into.sink);
    if into.depth == 0 {
        let metadata = &mut into.metadata;
        metadata.title = stated::text(&page.title);
        metadata.author = stated::text(&page.author);
        metadata.keywords = stated::keywords(&page.keywords);
        metadata.language = stated::language(&page.language);
        metadata.created_at = stated::date(&page.date);
    }
    Ok(ended?)
}

/// The encoding that a `meta` element or an XML declaration names near the beginning.
pub fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let mut rest = head.as_str();
    while let Some((before, after)) =
        ["charset", "encoding"].iter().filter_map(|word| rest.split_once(word)).min_by_key(|(before, _)| before.len())
    {
        rest = after;
        let inside = before.rsplit('<').next().is_some_and(|tag| tag.starts_with("meta") || tag.starts_with("?xml"));
        let value =
            after.trim_start().strip_prefix('=').map(|value| value.trim_start().trim_start_matches(['"', '\'']));
        if let Some(value) = value.filter(|_| inside || before.len() < 256) {
            let label =
                value.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '/' | '?')).next()?;
            if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
                return Some(encoding);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Instant};

    use super::*;

    fn read_page(bytes: &[u8]) -> (Reading, String) {
        let mut reading = Reading::default();
        let source = Source { bytes: Arc::new(bytes.to_vec()), ..Source::default() };
        read(&source, &mut reading).unwrap();
        let text = std::mem::take(&mut reading.sink).finish();
        (reading, text)
    }

    fn words(markup: &str) -> String {
        read_page(markup.as_bytes()).1.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn blocks_part_lines_and_inline_marks_do_not() {
        let (_, text) =
            read_page(b"<p>One <b>wo</b>rd,\n two</p><div>three<br>four<div>five</div>six</div><ul><li>a<li>b</ul>");
        assert_eq!(text, "One word, two\nthree\nfour\nfive\nsix\na\nb\n");
    }

    #[test]
    fn cells_of_a_table_are_parted() {
        assert_eq!(words("<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>"), "a b c d");
    }

    #[test]
    fn what_a_browser_does_not_show_stays_out() {
        let page = "<style>.hid{}</style><script>if (a<b) hid()</script><noscript>hid</noscript><template><p>hid<template>hid</template>hid</template><!-- hid -->shown";
        assert_eq!(words(page), "shown");
    }

    #[test]
    fn titles_and_alternatives_are_words_too_but_do_not_tear_a_sentence() {
        let page = "<title>A &amp; B</title><meta name=description content='about ropes'><p>some <img alt='a knot'> other <a title='hint'>text</a></p>";
        assert_eq!(words(page), "A & B about ropes some other text a knot hint");
    }

    #[test]
    fn the_head_tells_of_the_page() {
        let (reading, _) = read_page(
            b"<html lang=de-CH><head><title> A  rope </title><meta name=Author content='Ann'><meta name=keywords content='a, b;c'>\
              <meta property='article:published_time' content='2024-05-01T10:00:00Z'></head>x",
        );
        let metadata = reading.metadata;
        assert_eq!(metadata.title.as_deref(), Some("A rope"));
        assert_eq!(metadata.author.as_deref(), Some("Ann"));
        assert_eq!(metadata.keywords, ["a", "b", "c"]);
        assert_eq!(metadata.language.as_deref(), Some("de"));
        assert_eq!(metadata.created_at.as_deref(), Some("2024-05-01T10:00:00Z"));
    }

    #[test]
    fn a_frame_that_carries_its_page_is_read() {
        assert_eq!(words("a<iframe srcdoc='<p>in&amp;lt;side &amp;amp; out</p>'>no</iframe>b"), "a in<side & out b");
    }

    #[test]
    fn preformatted_lines_stay_lines() {
        let (_, text) = read_page(b"<pre>a\n  b</pre>c\n d");
        assert_eq!(text, "a\n  b\nc d");
    }

    #[test]
    fn a_page_that_lies_about_its_encoding_is_read_by_its_bytes() {
        let (reading, text) = read_page("<meta charset=windows-1251><p>Grüße aus Köln</p>".as_bytes());
        assert_eq!((reading.encoding.as_deref(), text.trim()), (Some("UTF-8"), "Grüße aus Köln"));
        let mut bytes = b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-7'><p>".to_vec();
        bytes.extend_from_slice(&encoding_rs::ISO_8859_7.encode("ναι").0);
        assert_eq!(read_page(&bytes).0.encoding.as_deref(), Some("ISO-8859-7"));
    }

    #[test]
    fn in_xml_an_empty_title_or_script_ends_where_it_begins() {
        assert_eq!(
            words("<?xml version='1.0'?><html><head><title/><script src='a'/></head><body>shown</body></html>"),
            "shown"
        );
    }

    #[test]
    fn depth_and_tags_left_open_cost_nothing() {
        let begun = Instant::now();
        let page = format!("{}deepest words here{}", "<div>".repeat(40_000), "<b><i><template/>".repeat(10_000));
        assert!(words(&page).contains("deepest words here"));
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}
