//! Whole files, written here byte by byte.

use std::fmt::Write;

use super::*;
use crate::{Outcome, Report};

/// A file of these objects, numbered from 1; the first is the catalog.
fn file(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut out = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(out.len());
        write!(out, "{} 0 obj\n{object}\nendobj\n", i + 1).unwrap();
    }
    let table = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).unwrap();
    for place in &places {
        writeln!(out, "{place:010} 00000 n ").unwrap();
    }
    let size = places.len() + 1;
    write!(out, "trailer <</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{table}\n%%EOF").unwrap();
    out.into_bytes()
}

fn stream(dict: &str, content: &str) -> String {
    format!("<<{dict}/Length {}>>\nstream\n{content}\nendstream", content.len())
}

const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

/// One page: 1 is the catalog, 2 the pages, 3 the page, 4 the font, 5 what is drawn; more objects follow.
fn page(drawn: &str, catalog: &str, page: &str, more: &[String]) -> Vec<Vec<u8>> {
    let objects = [
        vec![
            format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>\
                 /XObject<</X 6 0 R>>>>{page}>>"
            ),
            FONT.to_owned(),
            stream("", drawn),
        ],
        more.to_vec(),
    ]
    .concat();
    vec![file(&objects, "")]
}

fn read_bytes(bytes: Vec<u8>) -> (Report, String) {
    crate::text::read(&Source { bytes: Arc::new(bytes), name: None, mime_type: None })
}

fn text_of(drawn: &str) -> String {
    read_bytes(page(drawn, "", "", &[]).remove(0)).1
}

#[test]
fn text_is_read_line_by_line_and_along_its_direction() {
    let drawn = "BT /F 12 Tf 72 700 Td (Knotted) Tj 60 0 Td (rope) Tj -60 -14 Td (holds.) Tj ET \
                 BT /F 12 Tf 0 1 -1 0 30 200 Tm (up the) Tj ( margin) Tj ET";
    assert_eq!(text_of(drawn), "Knotted rope\nholds.\nup the margin\n");
}

#[test]
fn gaps_inside_a_string_part_words_and_kerning_does_not() {
    assert_eq!(text_of("BT /F 10 Tf 72 700 Td [(Kn)30(ot)-400(and)-400(ro)20(pe)] TJ ET"), "Knot and rope\n");
}

#[test]
fn text_that_is_filled_and_outlined_or_not_shown_at_all_is_read_once() {
    assert_eq!(text_of("BT /F 12 Tf 2 Tr 72 700 Td (Outlined) Tj 3 Tr 0 -20 Td (layer) Tj ET"), "Outlined\nlayer\n");
}

#[test]
fn what_stands_for_glyphs_is_read_instead_of_them() {
    let drawn = "BT /F 12 Tf 72 700 Td /Span <</ActualText <FEFF00660069>>> BDC (xyz) Tj EMC (sh) Tj ET";
    assert_eq!(text_of(drawn), "fish\n");
}

#[test]
fn hebrew_drawn_from_its_end_is_read_from_its_beginning() {
    let map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> \
               endcodespacerange 4 beginbfchar <41> <05e9> <42> <05dc> <43> <05d5> <44> <05dd> endbfchar endcmap end end";
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>".to_owned(),
        font.to_owned(),
        stream("", "BT /F 12 Tf 72 700 Td (DCBA) Tj ET"),
        stream("", map),
    ];
    assert_eq!(read_bytes(file(&objects, "")).1, "שלום\n");
}

#[test]
fn a_file_without_its_table_is_read() {
    let whole = page("BT /F 12 Tf 72 700 Td (Salvaged words) Tj ET", "", "", &[]).remove(0);
    let end = whole.windows(4).position(|four| four == b"xref").unwrap();
    let (report, text) = read_bytes(whole[..end].to_vec());
    assert_eq!((report.outcome, text.as_str()), (Outcome::Ok, "Salvaged words\n"));
}

#[test]
fn a_form_that_draws_itself_ends() {
    let form = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 6 0 R>>/Font<</F 4 0 R>>>>",
        "BT /F 12 Tf 72 600 Td (ring) Tj ET /X Do",
    );
    let (report, text) = read_bytes(page("/X Do", "", "", &[form]).remove(0));
    assert_eq!(report.outcome, Outcome::Ok);
    assert!(text.starts_with("ring"), "{text}");
}

#[test]
fn what_a_file_says_of_itself_is_kept() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>".to_owned(),
        "<</Title(Tides \\(1\\))/Author<FEFF041B0451>/Keywords(rope, knots)/CreationDate(D:20240309080706+01'00')>>"
            .to_owned(),
        stream(
            "/Type/Metadata/Subtype/XML",
            "<x:xmpmeta><rdf:RDF><rdf:Description xmp:ModifyDate='2025-01-02T03:04:05Z'><dc:title><rdf:Alt><rdf:li>Other\
             </rdf:li></rdf:Alt></dc:title><dc:description><rdf:Alt><rdf:li>Ebb &amp; flow</rdf:li></rdf:Alt>\
             </dc:description></rdf:Description></rdf:RDF></x:xmpmeta>",
        ),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>".to_owned(),
    ];
    let (report, text) = read_bytes(file(&objects, "/Info 4 0 R"));
    let about = report.metadata;
    assert_eq!((report.outcome, text.as_str()), (Outcome::Empty, ""));
    assert_eq!(about.title.as_deref(), Some("Tides (1)"));
    assert_eq!(about.author.as_deref(), Some("Лё"));
    assert_eq!(about.subject.as_deref(), Some("Ebb & flow"));
    assert_eq!(about.keywords, ["rope", "knots"]);
    assert_eq!(about.created_at.as_deref(), Some("2024-03-09T08:07:06+01:00"));
    assert_eq!(about.modified_at.as_deref(), Some("2025-01-02T03:04:05Z"));
    assert_eq!(about.pages, Some(2));
}

#[test]
fn contents_notes_fields_and_attachments_are_read_though_they_are_not_drawn() {
    let more = [
        stream("/Type/EmbeddedFile", "Lines from the inside."),
        "<</Type/Filespec/F(crew.txt)/UF(crew.txt)/EF<</F 6 0 R>>>>".to_owned(),
        "<</Title(Chapter of tides)/Parent 1 0 R/Next 8 0 R>>".to_owned(),
        "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(A remark in the margin)>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/V(typed by hand)>>".to_owned(),
    ];
    let catalog = "/Names<</EmbeddedFiles<</Names[(c) 7 0 R]>>>>/Outlines<</First 8 0 R>>";
    let marks = "/Annots[null 9 0 R 99 0 R 10 0 R]";
    let (report, text) = read_bytes(page("BT /F 12 Tf 72 700 Td (Shown) Tj ET", catalog, marks, &more).remove(0));
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(
        text,
        "Shown\nA remark in the margin\ntyped by hand\nChapter of tides\ncrew.txt\nLines from the inside.\n"
    );
}

#[test]
fn a_picture_of_a_page_wants_recognition() {
    let picture = stream("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "x");
    let (report, _) = read_bytes(page("600 0 0 790 0 0 cm /X Do", "", "", std::slice::from_ref(&picture)).remove(0));
    assert_eq!((report.outcome, report.needs_ocr), (Outcome::Empty, true));
    let (report, _) = read_bytes(page("60 0 0 79 0 0 cm /X Do", "", "", &[picture]).remove(0));
    assert!(!report.needs_ocr);
}

#[test]
fn locked_and_broken_files_say_so() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[]/Count 0>>".to_owned(),
        format!("<</Filter/Standard/V 2/R 3/Length 128/P -4/O<{0}>/U<{0}>>>", "41".repeat(32)),
    ];
    let locked = read_bytes(file(&objects, "/Encrypt 3 0 R/ID[<00><00>]")).0;
    assert_eq!(locked.outcome, Outcome::Encrypted);
    assert_eq!(read_bytes(b"%PDF-1.4\nnothing more".to_vec()).0.outcome, Outcome::Malformed);
}

#[test]
fn glyphs_that_are_no_letters_make_a_reading_poor() {
    let font = "<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/FirstChar 65/LastChar 65/Widths[9]\
                /CharProcs<</gx 6 0 R>>/Encoding<</Differences[65/gx]>>>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>".to_owned(),
        font.to_owned(),
        stream("", &format!("BT /F 12 Tf 72 700 Td ({}) Tj ET", "A".repeat(40))),
        stream("", "9 0 0 0 9 9 d1 0 0 9 9 re f"),
    ];
    let (report, _) = read_bytes(file(&objects, ""));
    assert!(report.is_poor, "{report:?}");
}
