//! Files that are a ZIP of XML: Office Open XML, OpenDocument, EPUB.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A ZIP of these parts; those of the first list are stored as they are.
pub fn zipped(stored: &[(&str, &str)], parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in stored {
        zip.start_file(*name, plain).expect("a part");
        zip.write_all(text.as_bytes()).expect("a part");
    }
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(bytes).expect("a part");
    }
    zip.finish().expect("a ZIP").into_inner()
}

const RELATIONS: &str =
    r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#;
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn types(part: &str, kind: &str, more: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}"/>{more}</Types>"#
    )
}

fn root(target: &str) -> String {
    format!(r#"{RELATIONS}<Relationship Id="r1" Type="{KIND}/officeDocument" Target="{target}"/></Relationships>"#)
}

/// A Word file around this XML of paragraphs; `before` stands before its root element.
pub fn docx(before: &str, paragraphs: &str) -> Vec<u8> {
    let types = types("/word/document.xml", "wordprocessingml.document.main+xml", "");
    let document = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>{before}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{paragraphs}</w:body></w:document>"#
    );
    zipped(
        &[],
        &[
            ("[Content_Types].xml", types.as_bytes()),
            ("_rels/.rels", root("word/document.xml").as_bytes()),
            ("word/document.xml", document.as_bytes()),
        ],
    )
}

pub fn paragraphs(lines: &[String]) -> String {
    lines.iter().map(|line| format!("<w:p><w:r><w:t>{line}</w:t></w:r></w:p>")).collect()
}

/// A workbook of one sheet: this XML of rows, and these shared strings.
pub fn xlsx(strings: &[String], rows: &str) -> Vec<u8> {
    let more = r#"<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>"#;
    let types = types("/xl/workbook.xml", "spreadsheetml.sheet.main+xml", more);
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let book = format!(
        r#"<?xml version="1.0"?><workbook xmlns="{space}" xmlns:r="{KIND}"><sheets><sheet name="Cargo" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    let relations = format!(
        r#"{RELATIONS}<Relationship Id="r1" Type="{KIND}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{KIND}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    let sheet = format!(r#"<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>"#);
    let shared: String = strings.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    let shared = format!(
        r#"<?xml version="1.0"?><sst xmlns="{space}" count="{0}" uniqueCount="{0}">{shared}</sst>"#,
        strings.len()
    );
    zipped(
        &[],
        &[
            ("[Content_Types].xml", types.as_bytes()),
            ("_rels/.rels", root("xl/workbook.xml").as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/sharedStrings.xml", shared.as_bytes()),
        ],
    )
}

/// One row for each string.
pub fn rows(strings: &[String]) -> String {
    (0..strings.len()).map(|at| format!(r#"<row r="{0}"><c r="A{0}" t="s"><v>{at}</v></c></row>"#, at + 1)).collect()
}

pub fn odt(lines: &[String]) -> Vec<u8> {
    let mime = "application/vnd.oasis.opendocument.text";
    let text: String = lines.iter().map(|line| format!("<text:p>{line}</text:p>")).collect();
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"><office:body><office:text>{text}</office:text></office:body></office:document-content>"#
    );
    let manifest = format!(
        r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#
    );
    let parts = [("content.xml", content.as_bytes()), ("META-INF/manifest.xml", manifest.as_bytes())];
    zipped(&[("mimetype", mime)], &parts)
}

pub fn epub(lines: &[String]) -> Vec<u8> {
    let container = r#"<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;
    let book = r#"<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A book of cargo</dc:title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>"#;
    let text: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
    let page = format!(
        r#"<html xmlns="http://www.w3.org/1999/xhtml"><head><title>A</title></head><body>{text}</body></html>"#
    );
    let parts =
        [("META-INF/container.xml", container.as_bytes()), ("book.opf", book.as_bytes()), ("a.xhtml", page.as_bytes())];
    zipped(&[("mimetype", "application/epub+zip")], &parts)
}
