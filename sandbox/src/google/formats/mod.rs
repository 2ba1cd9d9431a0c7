//! Converters of the sandbox's own: a native document is plain text inside (tables: CSV), and leaves as whatever is asked.
//! The results are small but valid files of their kind.

mod office;
mod pdf;
pub mod picture;
mod text;
mod zip;

use bytes::Bytes;
use serde_json::{Map, Value, json};

const DOCUMENT: &str = "application/vnd.google-apps.document";
const SHEET: &str = "application/vnd.google-apps.spreadsheet";
const SLIDES: &str = "application/vnd.google-apps.presentation";
const DRAWING: &str = "application/vnd.google-apps.drawing";
const SCRIPT: &str = "application/vnd.google-apps.script";
const VID: &str = "application/vnd.google-apps.vid";

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

type Target = (&'static str, &'static str);

/// Short name and type of every export of a native type, in the documented order.
pub fn targets(native: &str) -> &'static [Target] {
    match native {
        DOCUMENT => &[
            ("docx", DOCX),
            ("odt", "application/vnd.oasis.opendocument.text"),
            ("rtf", "application/rtf"),
            ("pdf", "application/pdf"),
            ("txt", "text/plain"),
            ("html", "text/html"),
            ("zip", "application/zip"),
            ("epub", "application/epub+zip"),
            ("md", "text/markdown"),
        ],
        SHEET => &[
            ("xlsx", XLSX),
            ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
            ("pdf", "application/pdf"),
            ("zip", "application/zip"),
            ("csv", "text/csv"),
            ("tsv", "text/tab-separated-values"),
        ],
        SLIDES => &[
            ("pptx", PPTX),
            ("odp", "application/vnd.oasis.opendocument.presentation"),
            ("pdf", "application/pdf"),
            ("txt", "text/plain"),
            ("jpg", "image/jpeg"),
            ("png", "image/png"),
            ("svg", "image/svg+xml"),
        ],
        DRAWING => &[("pdf", "application/pdf"), ("jpg", "image/jpeg"), ("png", "image/png"), ("svg", "image/svg+xml")],
        SCRIPT => &[("json", "application/vnd.google-apps.script+json")],
        _ => &[],
    }
}

/// What `files.download` gives when no type is named.
pub fn download_default(native: &str) -> Option<&'static str> {
    Some(match native {
        DOCUMENT => DOCX,
        SHEET => XLSX,
        SLIDES => PPTX,
        DRAWING => "image/png",
        SCRIPT => "application/vnd.google-apps.script+json",
        VID => "video/mp4",
        _ => return None,
    })
}

/// A native type that has content.
pub fn is_document(mime: &str) -> bool {
    [DOCUMENT, SHEET, SLIDES, DRAWING, SCRIPT].contains(&mime)
}

/// The document `source` in the format `mime`; nothing when the pair is not offered.
pub fn export(native: &str, name: &str, source: &[u8], mime: &str) -> Option<Vec<u8>> {
    let (short, _) = targets(native).iter().find(|(_, known)| *known == mime)?;
    let source = String::from_utf8_lossy(source);
    let lines: Vec<&str> = source.lines().collect();
    Some(match *short {
        "pdf" => pdf::write(name, &lines),
        "docx" => office::docx(&lines),
        "xlsx" => office::xlsx(&text::table(&source)),
        "pptx" => office::pptx(&lines),
        "odt" | "ods" | "odp" => office::open_document(mime, &lines),
        "epub" => office::epub(name, &lines),
        "zip" => zip::write(&[("index.html", text::html(name, &lines).into_bytes())]),
        "html" => text::html(name, &lines).into_bytes(),
        "rtf" => text::rtf(&lines).into_bytes(),
        "csv" => text::separated(&text::table(&source), ',').into_bytes(),
        "tsv" => text::separated(&text::table(&source), '\t').into_bytes(),
        "svg" => text::svg(name, &lines).into_bytes(),
        "png" => picture::png(&picture::Canvas::draw(source.as_bytes(), 400, 300)),
        "jpg" => picture::jpeg(&picture::Canvas::draw(source.as_bytes(), 400, 304)),
        // Documents leave as the vendor's do: with a byte order mark and CRLF.
        "txt" => text::windows(&lines).into_bytes(),
        _ => source.into_owned().into_bytes(),
    })
}

/// What becomes of uploaded bytes when they are converted into a native document.
pub fn import(mime: &str, bytes: &Bytes) -> Bytes {
    if mime.starts_with("text/") || mime.starts_with("application/vnd.google-apps.") || mime.ends_with("json") {
        return bytes.clone();
    }
    Bytes::from(format!("(converted from {mime}, {} bytes)\n", bytes.len()))
}

pub fn export_table() -> Value {
    let natives = [DOCUMENT, SHEET, SLIDES, DRAWING, SCRIPT];
    let rows = natives.map(|native| {
        let mimes: Vec<&str> = targets(native).iter().map(|(_, mime)| *mime).collect();
        (native.to_owned(), json!(mimes))
    });
    Value::Object(rows.into_iter().collect::<Map<_, _>>())
}

pub fn import_table() -> Value {
    json!({
        "text/plain": [DOCUMENT],
        "text/html": [DOCUMENT],
        "text/markdown": [DOCUMENT],
        "application/rtf": [DOCUMENT],
        DOCX: [DOCUMENT],
        "text/csv": [SHEET],
        "text/tab-separated-values": [SHEET],
        XLSX: [SHEET],
        PPTX: [SLIDES],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_export_gives_bytes_that_begin_as_their_kind_does() {
        for native in [DOCUMENT, SHEET, SLIDES, DRAWING, SCRIPT] {
            for (short, mime) in targets(native) {
                let bytes = export(native, "A name", b"one,two\nthree,\"fo,ur\"\n", mime).unwrap();
                let head: &[u8] = match *short {
                    "pdf" => b"%PDF-1.4",
                    "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "zip" | "epub" => b"PK\x03\x04",
                    "png" => b"\x89PNG\r\n\x1a\n",
                    "jpg" => b"\xff\xd8\xff",
                    "rtf" => b"{\\rtf1",
                    _ => b"",
                };
                assert!(bytes.starts_with(head), "{native} {short}");
                assert!(!bytes.is_empty());
            }
        }
        assert_eq!(export(DOCUMENT, "x", b"", "text/csv"), None);
        assert_eq!(export("application/pdf", "x", b"", "text/plain"), None);
    }
}
