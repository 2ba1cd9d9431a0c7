//! Zip files that are documents: by their content types, their `mimetype`, their manifest, or else by the names of
//! their parts. Nothing but those few small parts is unpacked.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::Format;

/// More parts than any document has; a file that lists more is not opened.
const MAX_PARTS: usize = 20_000;
const MAX_PART_BYTES: u64 = 1 << 20;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// `None` where it is no zip at all.
pub fn format(bytes: &[u8]) -> Option<Format> {
    if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"PK\x05\x06") && !bytes.starts_with(b"PK\x07\x08") {
        return None;
    }
    if listed(bytes) > MAX_PARTS {
        return Some(Format::Archive);
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Some(by_names(&loose_names(bytes)).unwrap_or(Format::Archive));
    };
    let found = by_mimetype(&mut archive)
        .or_else(|| by_content_types(&mut archive))
        .or_else(|| by_manifest(&mut archive))
        .or_else(|| {
            let names: Vec<String> =
                archive.file_names().filter_map(|name| name.ok().map(std::borrow::Cow::into_owned)).collect();
            by_names(&names)
        });
    Some(found.unwrap_or(Format::Archive))
}

/// How many parts the end of the file says there are.
fn listed(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(66_000)..];
    let end = tail.windows(4).rposition(|four| four == b"PK\x05\x06");
    end.and_then(|at| tail.get(at + 10..at + 12)).map_or(0, |n| usize::from(u16::from_le_bytes([n[0], n[1]])))
}

fn part(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let found = archive.file_names().filter_map(Result::ok).find(|n| n.eq_ignore_ascii_case(name))?.into_owned();
    let mut bytes = Vec::new();
    // What was unpacked before a fault is enough to look at.
    let _ = archive.by_name(&found).ok()?.take(MAX_PART_BYTES).read_to_end(&mut bytes);
    Some(String::from_utf8_lossy(&bytes).to_lowercase())
}

fn by_mimetype(archive: &mut Archive<'_>) -> Option<Format> {
    open_document(part(archive, "mimetype")?.trim())
}

fn open_document(mime: &str) -> Option<Format> {
    if mime.starts_with("application/epub+zip") {
        return Some(Format::Epub);
    }
    let kind = mime
        .strip_prefix("application/vnd.oasis.opendocument.")
        .or_else(|| mime.strip_prefix("application/vnd.sun.xml."))?;
    match kind {
        kind if kind.starts_with("text") || kind.starts_with("writer") => Some(Format::Odt),
        kind if kind.starts_with("spreadsheet") || kind.starts_with("calc") => Some(Format::Ods),
        // Drawings are written as slides are.
        kind if ["presentation", "impress", "graphics", "draw"].iter().any(|k| kind.starts_with(k)) => {
            Some(Format::Odp)
        }
        _ => None,
    }
}

/// The type of the main part; a document in a document has its type without `main`.
fn by_content_types(archive: &mut Archive<'_>) -> Option<Format> {
    let types = part(archive, "[Content_Types].xml")?;
    let main = |types: &str, starts: &[&str]| {
        starts.iter().any(|start| {
            types.match_indices(start).any(|(at, _)| {
                let rest = &types[at + start.len()..];
                let rest = &rest[..rest.find(['"', '\'']).unwrap_or(0)];
                rest.ends_with(".main+xml") || rest.ends_with(".main")
            })
        })
    };
    let word = ["wordprocessingml.document", "wordprocessingml.template", "ms-word."];
    let slides =
        ["presentationml.presentation", "presentationml.slideshow", "presentationml.template", "vnd.ms-powerpoint."];
    let sheets = ["spreadsheetml.sheet", "spreadsheetml.template", "vnd.ms-excel."];
    if main(&types, &word) {
        Some(Format::Docx)
    } else if main(&types, &slides) {
        Some(Format::Pptx)
    } else if main(&types, &sheets) {
        Some(Format::Xlsx)
    } else {
        None
    }
}

fn by_manifest(archive: &mut Archive<'_>) -> Option<Format> {
    let manifest = part(archive, "META-INF/manifest.xml")?;
    let types = manifest.split("media-type=").skip(1);
    types.take(100).find_map(|rest| open_document(rest.trim_start_matches(['"', '\''])))
}

fn by_names(names: &[String]) -> Option<Format> {
    let has = |test: &dyn Fn(&str) -> bool| names.iter().any(|name| test(&name.to_lowercase().replace('\\', "/")));
    if has(&|name| name == "word/document.xml") {
        Some(Format::Docx)
    } else if has(&|name| name == "xl/workbook.xml" || name == "xl/workbook.bin") {
        Some(Format::Xlsx)
    } else if has(&|name| name == "ppt/presentation.xml") {
        Some(Format::Pptx)
    } else if has(&|name| name == "meta-inf/container.xml") && has(&|name| name.ends_with(".opf")) {
        Some(Format::Epub)
    } else {
        None
    }
}

/// The names at the head of each part, for a file whose list of parts is lost.
fn loose_names(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = bytes;
    while names.len() < 200 {
        let Some(at) = memchr_header(rest) else { break };
        let Some(header) = rest.get(at..at + 30) else { break };
        let length = usize::from(u16::from_le_bytes([header[26], header[27]]));
        let Some(name) = rest.get(at + 30..at + 30 + length) else { break };
        names.push(String::from_utf8_lossy(name).into_owned());
        rest = &rest[at + 30 + length..];
    }
    names
}

fn memchr_header(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"PK\x03\x04")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn holding(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn typed(main: &str) -> Vec<u8> {
        let types = format!(
            "<Types><Default Extension=\"xlsx\" \
             ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\"/>\
             <Override PartName=\"/a\" ContentType=\"{main}\"/></Types>"
        );
        holding(&[("a", "<a/>"), ("[Content_Types].xml", &types)])
    }

    #[test]
    fn office_packages_are_known_by_the_type_of_their_main_part() {
        for (main, expected) in [
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", Format::Docx),
            ("application/vnd.ms-word.template.macroEnabledTemplate.main+xml", Format::Docx),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", Format::Xlsx),
            ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", Format::Xlsx),
            ("application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml", Format::Pptx),
            ("application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", Format::Pptx),
            ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", Format::Xlsx),
            ("application/vnd.ms-visio.drawing.main+xml", Format::Archive),
        ] {
            assert_eq!(super::format(&typed(main)), Some(expected), "{main}");
        }
    }

    #[test]
    fn open_documents_and_books_are_known_by_mimetype_or_manifest_or_parts() {
        for (mime, expected) in [
            ("application/vnd.oasis.opendocument.text-template", Format::Odt),
            ("application/vnd.oasis.opendocument.spreadsheet", Format::Ods),
            ("application/vnd.oasis.opendocument.presentation-template\n", Format::Odp),
            ("application/epub+zip", Format::Epub),
            ("application/java-archive", Format::Archive),
        ] {
            assert_eq!(super::format(&holding(&[("mimetype", mime)])), Some(expected), "{mime}");
        }
        let manifest =
            "<m:file-entry m:media-type=\"application/vnd.oasis.opendocument.spreadsheet\" m:full-path=\"/\"/>";
        assert_eq!(super::format(&holding(&[("META-INF/manifest.xml", manifest)])), Some(Format::Ods));
        assert_eq!(
            super::format(&holding(&[("META-INF/container.xml", ""), ("OPS/book.opf", "")])),
            Some(Format::Epub)
        );
        assert_eq!(super::format(&holding(&[("a.txt", "x")])), Some(Format::Archive));
    }

    #[test]
    fn a_package_cut_short_is_known_by_the_names_it_still_has() {
        let whole = holding(&[("[Content_Types].xml", "<x/>"), ("ppt/presentation.xml", "<p/>")]);
        let end = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        assert_eq!(super::format(&whole[..end]), Some(Format::Pptx));
    }
}
