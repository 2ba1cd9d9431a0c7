//! The library's model of a document, written out as it is read: headers, body, notes, footers, section by section.
//! What the model says in words of its own, of missing parts or unnamed slides, is left out.

use office_oxide::ir::{
    DocumentIR, Element, HeaderFooter, InlineContent, List, ListStyle, Note, Section, Table, inline_to_text,
};

use crate::text::{Full, Sink};

/// Elements inside elements.
const MAX_DEPTH: usize = 64;
/// Columns beyond this are no table any more.
const MAX_PARTED: usize = 2000;

/// # Errors
/// `Full` when the sink is.
pub fn write(model: &DocumentIR, sink: &mut Sink) -> Result<(), Full> {
    // A header stands on every page; once is enough.
    let mut said: Vec<String> = Vec::new();
    for section in &model.sections {
        let headers = [&section.first_page_header, &section.header, &section.even_page_header];
        margins(&headers, &mut said, sink)?;
        if let Some(title) = section.title.as_deref().filter(|title| is_title(title, section)) {
            line(title, sink)?;
        }
        elements(&section.elements, sink, 0)?;
        elements(section.speaker_notes.as_deref().unwrap_or_default(), sink, 0)?;
        let footers = [&section.first_page_footer, &section.footer, &section.even_page_footer];
        margins(&footers, &mut said, sink)?;
    }
    sink.line()
}

fn margins(all: &[&Option<HeaderFooter>], said: &mut Vec<String>, sink: &mut Sink) -> Result<(), Full> {
    for margin in all.iter().filter_map(|margin| margin.as_ref()) {
        let mut own = Sink::with_limit(1 << 20);
        elements(&margin.content, &mut own, 0)?;
        let text = own.finish();
        if !text.trim().is_empty() && !said.contains(&text) {
            line(&text, sink)?;
            said.push(text);
        }
    }
    Ok(())
}

/// A title of the document's own: one that its elements do not say again, and not a number given to a slide.
fn is_title(title: &str, section: &Section) -> bool {
    let is_numbered = title.strip_prefix("Slide ").is_some_and(|rest| rest.parse::<u32>().is_ok() || rest == "Master");
    let says = |element: &Element| match element {
        Element::Heading(heading) => inline_to_text(&heading.content).trim() == title.trim(),
        Element::Paragraph(paragraph) => inline_to_text(&paragraph.content).trim() == title.trim(),
        _ => false,
    };
    !is_numbered && !section.elements.iter().any(says)
}

fn line(text: &str, sink: &mut Sink) -> Result<(), Full> {
    sink.line()?;
    sink.push(text)?;
    sink.line()
}

fn elements(all: &[Element], sink: &mut Sink, depth: usize) -> Result<(), Full> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    for element in all {
        match element {
            Element::Heading(heading) => inline(&heading.content, sink)?,
            Element::Paragraph(paragraph) => inline(&paragraph.content, sink)?,
            Element::Table(table) => rows(table, sink, depth + 1)?,
            Element::List(all) => list(all, sink, depth + 1)?,
            Element::Image(image) => {
                let words = image.alt_text.as_deref().filter(|words| !image.decorative && !is_file_name(words));
                line(words.unwrap_or_default(), sink)?;
            }
            Element::TextBox(text_box) => elements(&text_box.content, sink, depth + 1)?,
            Element::Footnote(note) | Element::Endnote(note) => self::note(note, sink, depth + 1)?,
            Element::CodeBlock(code) => line(&code.content, sink)?,
            _ => sink.line()?,
        }
    }
    Ok(())
}

fn inline(content: &[InlineContent], sink: &mut Sink) -> Result<(), Full> {
    let text = inline_to_text(content);
    if is_notice(&text) { Ok(()) } else { line(&text, sink) }
}

/// What the library says of a document in the document's place.
fn is_notice(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[')
        && text.ends_with(']')
        && (text.starts_with("[unreadable ") || text.contains(" cut short: ") || text.contains("office_oxide"))
}

/// A picture without words of its own is often named by its file.
fn is_file_name(words: &str) -> bool {
    let extension = words.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension
        .is_some_and(|e| matches!(e.as_str(), "png" | "jpg" | "jpeg" | "gif" | "bmp" | "emf" | "wmf" | "tif" | "tiff"))
}

/// The marker of a remark tells where it stands and who made it.
fn note(note: &Note, sink: &mut Sink, depth: usize) -> Result<(), Full> {
    sink.line()?;
    if let Some(author) = note.author.as_deref() {
        sink.push(author)?;
        sink.space()?;
    }
    elements(&note.content, sink, depth)
}

fn rows(table: &Table, sink: &mut Sink, depth: usize) -> Result<(), Full> {
    if let Some(caption) = &table.caption {
        line(caption, sink)?;
    }
    for row in &table.rows {
        sink.line()?;
        for cell in row.cells.iter().take(MAX_PARTED) {
            // Most cells hold one paragraph, and stand in the line of their row.
            match cell.content.as_slice() {
                [] => {}
                [Element::Paragraph(one)] => {
                    sink.space()?;
                    sink.push(inline_to_text(&one.content).trim())?;
                }
                more => elements(more, sink, depth)?,
            }
        }
    }
    sink.line()
}

fn list(list: &List, sink: &mut Sink, depth: usize) -> Result<(), Full> {
    let first = list.start_number.unwrap_or(1);
    for (number, item) in (first..).zip(&list.items) {
        sink.line()?;
        if list.ordered && !item.content.is_empty() {
            sink.push(&marker(list, number))?;
            sink.space()?;
        }
        match item.content.as_slice() {
            [Element::Paragraph(one), rest @ ..] => {
                sink.push(&inline_to_text(&one.content))?;
                elements(rest, sink, depth)?;
            }
            all => elements(all, sink, depth)?,
        }
        if let Some(nested) = item.nested.as_ref().filter(|_| depth < MAX_DEPTH) {
            self::list(nested, sink, depth + 1)?;
        }
    }
    sink.line()
}

/// The number of an item as it is shown. Numbers of outer levels are not known here.
fn marker(list: &List, number: u32) -> String {
    let shown = match list.style {
        Some(ListStyle::LowerRoman) => roman(number),
        Some(ListStyle::UpperRoman) => roman(number).to_uppercase(),
        Some(ListStyle::LowerAlpha) => letters(number),
        Some(ListStyle::UpperAlpha) => letters(number).to_uppercase(),
        _ => number.to_string(),
    };
    match list.marker_pattern.as_deref() {
        Some(pattern) if pattern.matches('%').count() == 1 => {
            pattern.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().replace('%', &shown)
        }
        _ => format!("{shown}."),
    }
}

fn roman(number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut left = number.min(3999);
    let mut shown = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            shown.push_str(sign);
            left -= value;
        }
    }
    shown
}

/// a, b … z, aa, bb …
fn letters(number: u32) -> String {
    let at = number.max(1) - 1;
    let letter = char::from(b'a' + (at % 26) as u8);
    std::iter::repeat_n(letter, (at / 26 + 1).min(10) as usize).collect()
}

#[cfg(test)]
mod tests {
    use office_oxide::ir::{ListItem, Paragraph, TableCell, TableRow, TextSpan};

    use super::*;

    fn paragraph(text: &str) -> Element {
        Element::Paragraph(Paragraph {
            content: vec![InlineContent::Text(TextSpan::plain(text))],
            ..Paragraph::default()
        })
    }

    fn written(sections: Vec<Section>) -> String {
        let mut sink = Sink::default();
        write(&DocumentIR { sections, ..DocumentIR::default() }, &mut sink).unwrap();
        sink.finish()
    }

    #[test]
    fn a_section_is_written_in_the_order_of_reading() {
        let header = Some(HeaderFooter { content: vec![paragraph("on top")] });
        let section = Section {
            title: Some("Harbour".into()),
            header: header.clone(),
            elements: vec![paragraph("body"), paragraph("[unreadable slide \"x\": why]")],
            speaker_notes: Some(vec![paragraph("said aloud")]),
            ..Section::default()
        };
        let next =
            Section { title: Some("Slide 2".into()), header, elements: vec![paragraph("more")], ..Section::default() };
        assert_eq!(written(vec![section, next]), "on top\nHarbour\nbody\nsaid aloud\nmore\n");
    }

    #[test]
    fn lists_have_their_numbers_and_rows_are_lines() {
        let item = |text: &str, nested| ListItem { content: vec![paragraph(text)], nested };
        let inner = List {
            ordered: true,
            style: Some(ListStyle::LowerRoman),
            marker_pattern: Some("(%2)".into()),
            items: vec![item("x", None)],
            start_number: Some(4),
            ..List::default()
        };
        let list = List { ordered: true, items: vec![item("one", Some(inner)), item("two", None)], ..List::default() };
        let cell = |text: &str| TableCell { content: vec![paragraph(text)], ..TableCell::default() };
        let table = Table {
            rows: vec![
                TableRow { cells: vec![cell("a"), TableCell::default(), cell("b")], ..TableRow::default() },
                TableRow { cells: vec![cell("c")], ..TableRow::default() },
            ],
            ..Table::default()
        };
        let section = Section { elements: vec![Element::List(list), Element::Table(table)], ..Section::default() };
        assert_eq!(written(vec![section]), "1. one\n(iv) x\n2. two\na b\nc\n");
    }
}
