//! Text as it stands, in any encoding: prose, Markdown, tables in CSV, source code; and XML without its tags.

use encoding_rs::Encoding;

use super::{Reading, Stop, charset, odf, xml};
use crate::{Fault, Outcome, Source, detect::Format};

pub fn read(source: &Source, format: Format, into: &mut Reading) -> Result<(), Stop> {
    let declared = charset::of_mime_type(source.mime_type.as_deref()).or_else(|| match format {
        Format::Xml => in_prolog(&source.bytes),
        _ => None,
    });
    let Some(decoded) = charset::decode(&source.bytes, declared) else {
        return Err(Fault::new(Outcome::Unsupported, "these bytes are not a text").into());
    };
    if into.encoding.is_none() {
        into.encoding = Some(decoded.encoding.to_owned());
    }
    match format {
        Format::Xml if is_office_document(&decoded.text) => odf::read(source, Format::Odt, into),
        Format::Xml => pour_xml(&decoded.text, into),
        _ => Ok(into.sink.push(&decoded.text)?),
    }
}

/// OpenDocument in one file of XML.
fn is_office_document(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(2048)];
    head.contains("<office:document") && head.contains("opendocument")
}

/// The words between the tags; where there are none, the values of the attributes. What is not well-formed stays as it is.
fn pour_xml(text: &str, into: &mut Reading) -> Result<(), Stop> {
    let Ok(content) = xml::content(text) else { return Ok(into.sink.push(text)?) };
    Ok(into.sink.push(&content)?)
}

/// The encoding that an XML declaration names.
fn in_prolog(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    let (declaration, _) = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn text_of(bytes: &[u8], format: Format) -> (Option<String>, String) {
        let mut reading = Reading::default();
        let source = Source { bytes: Arc::new(bytes.to_vec()), ..Source::default() };
        read(&source, format, &mut reading).unwrap();
        (reading.encoding, reading.sink.finish())
    }

    #[test]
    fn code_stays_as_it_is_and_its_encoding_is_told() {
        let (encoding, text) = text_of(b"\xef\xbb\xbffn main() {\r\n\tlet a = \"b\";\r\n}\r\n", Format::Code);
        assert_eq!(encoding.as_deref(), Some("UTF-8"));
        assert_eq!(text, "fn main() {\n\tlet a = \"b\";\n}\n");
    }

    #[test]
    fn xml_gives_the_words_between_its_tags() {
        let (_, text) =
            text_of(b"<?xml version='1.0'?><a b='no'><c>one</c><c>two &amp; three</c><!-- no --></a>", Format::Xml);
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), "one two & three");
    }

    #[test]
    fn xml_without_words_gives_its_attributes_and_broken_xml_itself() {
        let (_, text) = text_of(b"<a><item name=\"rope &lt; line\"/></a>", Format::Xml);
        assert_eq!(text.trim(), "rope < line");
        let (_, text) = text_of(b"<a>one <b two", Format::Xml);
        assert!(text.contains("one") && text.contains("two"), "{text}");
    }

    #[test]
    fn the_encoding_of_an_xml_declaration_is_heeded() {
        let mut bytes = b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>".to_vec();
        bytes.extend_from_slice(&encoding_rs::WINDOWS_1251.encode("да").0);
        bytes.extend_from_slice(b"</a>");
        let (encoding, text) = text_of(&bytes, Format::Xml);
        assert_eq!((encoding.as_deref(), text.trim()), (Some("windows-1251"), "да"));
    }

    #[test]
    fn an_office_document_in_one_file_is_read_as_what_it_is() {
        let document = b"<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'><office:meta><dc:title>A</dc:title></office:meta>\
            <office:settings>no</office:settings><office:body><text:p>words</text:p><office:binary-data>aWE=</office:binary-data></office:body></office:document>";
        assert_eq!(text_of(document, Format::Xml).1, "words\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_unsupported() {
        let source = Source { bytes: Arc::new(vec![0; 64]), ..Source::default() };
        let Err(Stop::Fault(fault)) = read(&source, Format::Text, &mut Reading::default()) else {
            panic!("it was read")
        };
        assert_eq!(fault.outcome, Outcome::Unsupported);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), page in "(<(/?[a-z]{1,8}( [a-z]{1,6}=.{0,3})?)/?>|.{0,5}){0,40}") {
            for bytes in [bytes, page.into_bytes()] {
                let source = Source { bytes: Arc::new(bytes), ..Source::default() };
                let _ = read(&source, Format::Text, &mut Reading::default());
                let _ = read(&source, Format::Xml, &mut Reading::default());
                let _ = crate::text::pour(&source, Format::Html, &mut Reading::default());
            }
        }
    }
}
