//! Office packages with the parts a reader insists on, and nothing else.

use super::zip;
use crate::call::escape;

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const VND: &str = "application/vnd.openxmlformats-officedocument";

fn xml(body: String) -> Vec<u8> {
    format!("{XML}{body}").into_bytes()
}

/// `(part, type)` for each part that is not a relation.
fn types(parts: &[(&str, String)]) -> Vec<u8> {
    let overrides = parts.iter().map(|(part, kind)| format!("<Override PartName=\"{part}\" ContentType=\"{kind}\"/>"));
    xml(format!(
        "<Types xmlns=\"{TYPES}\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{}</Types>",
        overrides.collect::<String>()
    ))
}

/// `(kind, target)` numbered from rId1.
fn relations(of: &[(&str, &str)]) -> Vec<u8> {
    let each = of.iter().enumerate().map(|(at, (kind, target))| {
        format!("<Relationship Id=\"rId{}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>", at + 1)
    });
    xml(format!("<Relationships xmlns=\"{RELATIONS}\">{}</Relationships>", each.collect::<String>()))
}

pub fn docx(lines: &[&str]) -> Vec<u8> {
    let paragraphs =
        lines.iter().map(|line| format!("<w:p><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escape(line)));
    let document = xml(format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{}</w:body></w:document>",
        paragraphs.collect::<String>()
    ));
    let kind = format!("{VND}.wordprocessingml.document.main+xml");
    zip::write(&[
        ("[Content_Types].xml", types(&[("/word/document.xml", kind)])),
        ("_rels/.rels", relations(&[("officeDocument", "word/document.xml")])),
        ("word/document.xml", document),
    ])
}

pub fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let cell = |field: &String| {
        if field.parse::<f64>().is_ok_and(f64::is_finite) {
            format!("<c><v>{field}</v></c>")
        } else {
            format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escape(field))
        }
    };
    let rows = rows.iter().map(|row| format!("<row>{}</row>", row.iter().map(cell).collect::<String>()));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let sheet =
        xml(format!("<worksheet xmlns=\"{main}\"><sheetData>{}</sheetData></worksheet>", rows.collect::<String>()));
    let book = xml(format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    ));
    zip::write(&[
        (
            "[Content_Types].xml",
            types(&[
                ("/xl/workbook.xml", format!("{VND}.spreadsheetml.sheet.main+xml")),
                ("/xl/worksheets/sheet1.xml", format!("{VND}.spreadsheetml.worksheet+xml")),
            ]),
        ),
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations(&[("worksheet", "worksheets/sheet1.xml")])),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

pub fn pptx(lines: &[&str]) -> Vec<u8> {
    let a = "http://schemas.openxmlformats.org/drawingml/2006/main";
    let p = "http://schemas.openxmlformats.org/presentationml/2006/main";
    let runs = lines.iter().map(|line| format!("<a:p><a:r><a:t>{}</a:t></a:r></a:p>", escape(line)));
    let slide = xml(format!(
        "<p:sld xmlns:p=\"{p}\" xmlns:a=\"{a}\"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/>\
         <p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Text\"/>\
         <p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>",
        if lines.is_empty() { "<a:p/>".to_owned() } else { runs.collect::<String>() }
    ));
    let show = xml(format!(
        "<p:presentation xmlns:p=\"{p}\" xmlns:r=\"{OFFICE}\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst>\
         <p:sldSz cx=\"9144000\" cy=\"6858000\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
    ));
    zip::write(&[
        (
            "[Content_Types].xml",
            types(&[
                ("/ppt/presentation.xml", format!("{VND}.presentationml.presentation.main+xml")),
                ("/ppt/slides/slide1.xml", format!("{VND}.presentationml.slide+xml")),
            ]),
        ),
        ("_rels/.rels", relations(&[("officeDocument", "ppt/presentation.xml")])),
        ("ppt/presentation.xml", show),
        ("ppt/_rels/presentation.xml.rels", relations(&[("slide", "slides/slide1.xml")])),
        ("ppt/slides/slide1.xml", slide),
    ])
}

pub fn open_document(mime: &str, lines: &[&str]) -> Vec<u8> {
    let paragraphs: String = lines.iter().map(|line| format!("<text:p>{}</text:p>", escape(line))).collect();
    let (open, close) = match mime.rsplit('.').next() {
        Some("spreadsheet") => (
            "<office:spreadsheet><table:table table:name=\"Sheet1\"><table:table-row><table:table-cell>",
            "</table:table-cell></table:table-row></table:table></office:spreadsheet>",
        ),
        Some("presentation") => (
            "<office:presentation><draw:page draw:name=\"page1\"><draw:frame><draw:text-box>",
            "</draw:text-box></draw:frame></draw:page></office:presentation>",
        ),
        _ => ("<office:text>", "</office:text>"),
    };
    let ns = "urn:oasis:names:tc:opendocument:xmlns";
    let content = xml(format!(
        "<office:document-content xmlns:office=\"{ns}:office:1.0\" xmlns:text=\"{ns}:text:1.0\" \
         xmlns:table=\"{ns}:table:1.0\" xmlns:draw=\"{ns}:drawing:1.0\" office:version=\"1.2\">\
         <office:body>{open}{paragraphs}{close}</office:body></office:document-content>"
    ));
    let manifest = xml(format!(
        "<manifest:manifest xmlns:manifest=\"{ns}:manifest:1.0\" manifest:version=\"1.2\">\
         <manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{mime}\"/>\
         <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/></manifest:manifest>"
    ));
    zip::write(&[("mimetype", mime.as_bytes().to_vec()), ("META-INF/manifest.xml", manifest), ("content.xml", content)])
}

pub fn epub(title: &str, lines: &[&str]) -> Vec<u8> {
    let title = escape(title);
    let paragraphs: String = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    let container =
        xml("<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles>\
         <rootfile full-path=\"content.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>"
            .to_owned());
    let package = xml(format!(
        "<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\">\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:identifier id=\"id\">sandbox</dc:identifier>\
         <dc:title>{title}</dc:title><dc:language>en</dc:language></metadata><manifest>\
         <item id=\"text\" href=\"text.xhtml\" media-type=\"application/xhtml+xml\"/></manifest>\
         <spine><itemref idref=\"text\"/></spine></package>"
    ));
    let body = xml(format!(
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>{title}</title></head><body>{paragraphs}</body></html>"
    ));
    zip::write(&[
        ("mimetype", b"application/epub+zip".to_vec()),
        ("META-INF/container.xml", container),
        ("content.opf", package),
        ("text.xhtml", body),
    ])
}
