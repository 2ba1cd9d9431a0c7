//! Documents that are zip files bring a picture of themselves: office files their first page, books their cover.

use quick_xml::{Reader, events::Event};

use super::{Canvas, raster, undrawn};
use crate::{Fault, detect::Format, text::archive::Archive};

/// Decodes the picture that the document brings along.
///
/// # Errors
/// `Unsupported` where it brings none that can be decoded; the outcomes of reading a zip file.
pub fn read(bytes: &[u8], format: Format) -> Result<Canvas, Fault> {
    let mut archive = Archive::open(bytes)?;
    let names = if format == Format::Epub { cover(&mut archive)? } else { thumbnails(&archive) };
    for name in names {
        if let Some(picture) = archive.part(&name)?
            && let Ok(canvas) = raster::any(&picture)
        {
            return Ok(canvas);
        }
    }
    Err(undrawn())
}

fn thumbnails(archive: &Archive<'_>) -> Vec<String> {
    let is_thumbnail = |name: &String| {
        let name = name.to_ascii_lowercase();
        name.starts_with("docprops/thumbnail.") || name == "thumbnails/thumbnail.png"
    };
    archive.names().into_iter().filter(is_thumbnail).collect()
}

/// Where a cover may lie, the most certain place first.
fn cover(archive: &mut Archive<'_>) -> Result<Vec<String>, Fault> {
    let Some(container) = archive.part("META-INF/container.xml")? else { return Ok(Vec::new()) };
    let Some(package) = elements(&container, "rootfile").iter().find_map(|element| value(element, "full-path")) else {
        return Ok(Vec::new());
    };
    let Some(listing) = archive.part(&package)? else { return Ok(Vec::new()) };
    let folder = package.rfind('/').map_or("", |slash| &package[..=slash]).to_owned();
    let named = elements(&listing, "meta")
        .iter()
        .find(|element| value(element, "name").as_deref() == Some("cover"))
        .and_then(|element| value(element, "content"));
    let mut found: Vec<(u8, String)> = Vec::new();
    for item in elements(&listing, "item") {
        let is_picture = value(&item, "media-type").is_some_and(|kind| kind.starts_with("image/"));
        let (Some(href), true) = (value(&item, "href"), is_picture) else { continue };
        let id = value(&item, "id");
        let says_cover = |text: &str| text.to_ascii_lowercase().contains("cover");
        let rank = match () {
            () if value(&item, "properties").is_some_and(|words| words.contains("cover-image")) => 0,
            () if named.is_some() && named == id => 1,
            () if says_cover(&href) || id.is_some_and(|id| says_cover(&id)) => 2,
            () => continue,
        };
        found.push((rank, place(&folder, &href)));
    }
    found.sort_by_key(|(rank, _)| *rank);
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

type Element = Vec<(String, String)>;

/// The attributes of every element of that name.
fn elements(xml: &[u8], name: &str) -> Vec<Element> {
    let text = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().check_end_names = false;
    let mut found = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) if start.local_name().as_ref() == name => {
                let pair = |attribute: quick_xml::events::attributes::Attribute<'_>| {
                    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
                    let key: &str = attribute.key.as_ref();
                    Some((key.to_owned(), value.into_owned()))
                };
                found.push(start.attributes().with_checks(false).flatten().filter_map(pair).collect());
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

fn value(element: &Element, key: &str) -> Option<String> {
    element.iter().find(|(found, _)| found == key).map(|(_, value)| value.clone())
}

/// A relative address as the name of a part.
fn place(folder: &str, href: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = href.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let escaped = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *byte == b'%') {
            Some(byte) => (bytes.push(byte), rest = &behind[2..]).1,
            None => (bytes.push(*byte), rest = behind).1,
        }
    }
    let path = format!("{folder}{}", String::from_utf8_lossy(&bytes));
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Outcome,
        picture::{draw_as, samples},
        text::archive::tests::zipped,
    };

    #[test]
    fn office_files_show_the_thumbnail_they_bring() {
        let png = samples::corners(200, 100, image::ImageFormat::Png);
        for (format, name) in [(Format::Pptx, "docProps/thumbnail.jpeg"), (Format::Odp, "Thumbnails/thumbnail.png")] {
            let source = samples::source(zipped(&[("other.png", b"no"), (name, &png)]));
            let picture = &draw_as(&source, format, &[128]).unwrap()[0];
            assert_eq!((picture.info.width, picture.info.height), (128, 64));
            assert_eq!(samples::corner_names(&picture.bytes), "red green blue white");
        }
    }

    #[test]
    fn a_book_shows_its_cover_by_either_way_to_name_it() {
        let (cover, other) = (samples::corners(90, 120, image::ImageFormat::Jpeg), b"not a picture".as_slice());
        let container = br#"<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>"#;
        for item in [
            r#"<item id="c" href="pics/my%20front.jpg" media-type="image/jpeg" properties="cover-image"/>"#,
            r#"<meta name="cover" content="c"/><item id="c" href="../OPS/pics/my%20front.jpg" media-type="image/jpeg"/>"#,
        ] {
            let listing = format!(r#"<package><item id="x" href="cover.png" media-type="image/png"/>{item}</package>"#);
            let book = zipped(&[
                ("META-INF/container.xml", container),
                ("OPS/book.opf", listing.as_bytes()),
                ("OPS/cover.png", other),
                ("OPS/pics/my front.jpg", &cover),
            ]);
            let picture = &draw_as(&samples::source(book), Format::Epub, &[512]).unwrap()[0];
            assert_eq!((picture.info.width, picture.info.height), (90, 120));
        }
    }

    #[test]
    fn a_document_without_a_picture_says_so() {
        let source = samples::source(zipped(&[("word/document.xml", b"<w/>")]));
        assert_eq!(draw_as(&source, Format::Docx, &[512]).unwrap_err().outcome, Outcome::Unsupported);
    }
}
