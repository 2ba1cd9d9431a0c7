//! Whole files, written here part by part.

use std::io::{Cursor, Write};

use super::*;
use crate::{Report, text::archive::tests::zipped};

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A letter with this body and these further parts.
fn docx(body: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let types = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>\
        <Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>\
        <Default Extension='bin' ContentType='application/vnd.openxmlformats-officedocument.oleObject'/>\
        <Override PartName='/word/document.xml' \
        ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
    let links = format!(
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
         <Relationship Id='r' Type='{OFFICE}/officeDocument' Target='word/document.xml'/></Relationships>"
    );
    let document = format!("<w:document xmlns:w='{WORD}'><w:body>{body}</w:body></w:document>");
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", links.as_bytes()),
        ("word/document.xml", document.as_bytes()),
    ];
    parts.extend(more);
    zipped(&parts)
}

fn said(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some((storage, _)) = path.rsplit_once('/').filter(|(storage, _)| !storage.is_empty()) {
            file.create_storage_all(storage).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.into_inner().into_inner()
}

fn read_bytes(bytes: Vec<u8>) -> (Report, String) {
    crate::text::read(&Source { bytes: Arc::new(bytes), name: None, mime_type: None })
}

/// A file as it lies in an object dropped into a document.
fn native(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut inner = 2u16.to_le_bytes().to_vec();
    for text in [name, "C:\\from"] {
        inner.extend_from_slice(text.as_bytes());
        inner.push(0);
    }
    inner.extend_from_slice(&[0, 0, 3, 0]);
    inner.extend_from_slice(&4u32.to_le_bytes());
    inner.extend_from_slice(b"tmp\0");
    inner.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    inner.extend_from_slice(bytes);
    [&(inner.len() as u32).to_le_bytes()[..], &inner].concat()
}

#[test]
fn a_letter_tells_its_words_and_what_it_says_of_itself() {
    let core = "<cp:coreProperties xmlns:cp='c' xmlns:dc='d' xmlns:dcterms='t'><dc:title>Ebb &amp; flow</dc:title>\
        <dc:creator>Ada</dc:creator><cp:keywords>tide, moon</cp:keywords>\
        <dcterms:created>2024-02-03T04:05:06Z</dcterms:created></cp:coreProperties>";
    let app = "<Properties><Pages>7</Pages><TotalTime>3</TotalTime></Properties>";
    let more = [("docProps/core.xml", core.as_bytes()), ("docProps/app.xml", app.as_bytes())];
    let (report, text) = read_bytes(docx(&[said("The tide"), said("turns.")].concat(), &more));
    assert_eq!((report.outcome, text.as_str()), (Outcome::Ok, "The tide\nturns.\n"));
    let about = report.metadata;
    assert_eq!(about.title.as_deref(), Some("Ebb & flow"));
    assert_eq!(about.author.as_deref(), Some("Ada"));
    assert_eq!(about.keywords, ["tide", "moon"]);
    assert_eq!(about.created_at.as_deref(), Some("2024-02-03T04:05:06Z"));
    assert_eq!(about.pages, Some(7));
}

#[test]
fn a_letter_without_a_title_gets_none_from_its_words() {
    let (report, _) = read_bytes(docx(&said("First line"), &[]));
    assert_eq!(report.metadata.title, None);
}

#[test]
fn a_file_dropped_into_a_letter_is_read() {
    let object = compound(&[("/\u{1}Ole10Native", &native("crew.txt", b"Words from the inside."))]);
    let (_, text) = read_bytes(docx(&said("Outside"), &[("word/embeddings/oleObject1.bin", &object)]));
    assert_eq!(text, "Outside\nWords from the inside.\n");
}

#[test]
fn an_object_of_a_compound_file_is_read_as_the_document_it_is() {
    let letter = docx(&said("In a storage"), &[]);
    let file = compound(&[("/Workbook", b""), ("/MBD0001/Package", &letter), ("/Other/Package", &letter)]);
    let mut into = Reading::default();
    objects::read(&file, Format::Xls, &mut into).unwrap();
    assert_eq!(into.sink.finish(), "In a storage\n");
}

#[test]
fn a_packed_object_of_a_presentation_is_read() {
    let object = compound(&[("/Package", &docx(&said("Packed away"), &[]))]);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&object).unwrap();
    let packed = packed.finish().unwrap();
    let mut record = [0x10, 0x00, 0x11, 0x10].to_vec();
    record.extend_from_slice(&(packed.len() as u32 + 4).to_le_bytes());
    record.extend_from_slice(&(object.len() as u32).to_le_bytes());
    record.extend_from_slice(&packed);
    let file = compound(&[("/PowerPoint Document", &record)]);
    let mut into = Reading::default();
    objects::read(&file, Format::Ppt, &mut into).unwrap();
    assert_eq!(into.sink.finish(), "Packed away\n");
}

#[test]
fn objects_in_objects_are_read_two_levels_deep_and_no_deeper() {
    let inside = |text: &str, object: Option<Vec<u8>>| {
        let wrapped = object.map(|object| compound(&[("/\u{1}Ole10Native", &native("x.docx", &object))]));
        match &wrapped {
            Some(wrapped) => docx(&said(text), &[("word/embeddings/o.bin", wrapped)]),
            None => docx(&said(text), &[]),
        }
    };
    let third = inside("three", None);
    let (_, text) = read_bytes(inside("zero", Some(inside("one", Some(inside("two", Some(third)))))));
    assert_eq!(text, "zero\none\ntwo\n");
}

#[test]
fn locked_documents_of_every_kind_say_so() {
    let mut letter = vec![0u8; 1024];
    letter[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0x00]);
    letter[0x0b] = 0x01;
    let book = [
        [0x09, 0x08, 0x10, 0x00, 0x00, 0x06, 0x05, 0x00].as_slice(),
        &[0; 12],
        &[0x2f, 0x00, 0x06, 0x00, 1, 0, 1, 0, 1, 0],
    ]
    .concat();
    let mut user = vec![0u8; 64];
    user[..8].copy_from_slice(&[0x00, 0x00, 0xf6, 0x0f, 0x38, 0x00, 0x00, 0x00]);
    user[8..12].copy_from_slice(&0x14u32.to_le_bytes());
    user[12..16].copy_from_slice(&0xf3d1_c4dfu32.to_le_bytes());
    for (kind, file) in [
        ("doc", compound(&[("/WordDocument", &letter), ("/1Table", &[0; 64])])),
        ("xls", compound(&[("/Workbook", &book)])),
        ("ppt", compound(&[("/PowerPoint Document", &[0; 64]), ("/Current User", &user)])),
        ("sealed", compound(&[("/EncryptionInfo", &[4, 0, 4, 0]), ("/EncryptedPackage", &[0; 64])])),
    ] {
        assert_eq!(read_bytes(file).0.outcome, Outcome::Encrypted, "{kind}");
    }
}

#[test]
fn words_of_diagrams_and_charts_are_read_though_the_library_leaves_them_out() {
    let diagram = "<dgm:dataModel xmlns:dgm='d' xmlns:a='a'><dgm:pt><dgm:t><a:p><a:r><a:t>Mooring plan</a:t></a:r></a:p>\
        </dgm:t></dgm:pt><dgm:pt><dgm:t><a:p><a:r><a:t>Seen</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>";
    let (_, text) = read_bytes(docx(&said("Seen before"), &[("word/diagrams/data1.xml", diagram.as_bytes())]));
    assert_eq!(text, "Seen before\nMooring plan\n");
}

#[test]
fn a_package_the_library_refuses_is_read_plainly() {
    let sheet = "<worksheet><sheetData><row><c t='s'><v>0</v></c><c><v>42</v></c></row></sheetData></worksheet>";
    let strings = "<sst><si><t>Cargo</t></si></sst>";
    let file = zipped(&[
        ("xl/workbook.xml", b"<workbook"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
    ]);
    let (report, text) = read_bytes(file);
    assert_eq!((report.outcome, text.as_str()), (Outcome::Ok, "Cargo\n42\n"));
    assert_eq!(read_bytes(zipped(&[("xl/workbook.xml", b"<workbook")])).0.outcome, Outcome::Malformed);
}

#[test]
fn entities_are_not_expanded_and_long_text_is_cut() {
    let bomb = "<w:p><w:r><w:t>before &b; after</w:t></w:r></w:p>";
    let (_, text) = read_bytes(docx(bomb, &[]));
    assert!(text.contains("before") && text.contains("after"), "{text}");
    let mut into = Reading { sink: crate::text::Sink::with_limit(1000), ..Reading::default() };
    let letter = docx(&said("long ").repeat(1000), &[]);
    let source = Source { bytes: Arc::new(letter), name: None, mime_type: None };
    assert!(matches!(read(&source, Format::Docx, &mut into), Err(Stop::Full)));
    assert_eq!(into.sink.len(), 1000);
}

#[test]
fn a_part_that_unpacks_beyond_measure_is_too_large() {
    let body = " ".repeat(70 << 20);
    assert_eq!(read_bytes(docx(&body, &[])).0.outcome, Outcome::TooLarge);
}
