//! The library's model of a document, written out as it is read: headers, body, notes, footers, section by section.
//! What the model says in words of its own, of missing parts or unnamed slides, is left out.

use office_oxide::ir::{
    DocumentIR, Element, HeaderFooter, Image, InlineContent, List, Note, Section, Table, inline_to_text,
};

use super::numbers;
use crate::{
    detect::Format,
    text::{Full, Sink},
};

/// Elements inside elements.
const MAX_DEPTH: usize = 64;
/// Columns beyond this are no table any more.
const MAX_PARTED: usize = 2000;
/// What the library calls the section it makes of a master's own text.
const MASTER: &str = "Slide Master";

/// # Errors
/// `Full` when the sink is.
pub fn write(model: &DocumentIR, format: Format, sink: &mut Sink) -> Result<(), Full> {
    // A header stands on every page; once is enough. What stands on a master is seen on the first slide first.
    let mut said: Vec<String> = Vec::new();
    let (masters, own): (Vec<&Section>, Vec<&Section>) =
        model.sections.iter().partition(|section| section.title.as_deref() == Some(MASTER));
    for (i, section) in own.into_iter().enumerate() {
        let mut alternatives = Vec::new();
        let headers = [&section.first_page_header, &section.header, &section.even_page_header];
        margins(&headers, &mut said, sink)?;
        if let Some(title) = section.title.as_deref().filter(|title| is_title(title, section, format)) {
            line(title, sink)?;
        }
        let is_added = is_workbook(format) && section.sheet_kind.is_none();
        Writer { sink, alternatives: &mut alternatives, is_added }.section(section)?;
        let footers = [&section.first_page_footer, &section.footer, &section.even_page_footer];
        margins(&footers, &mut said, sink)?;
        // What stands for pictures would part sentences that go on around them.
        for words in alternatives {
            line(&words, sink)?;
        }
        for master in masters.iter().filter(|_| i == 0) {
            Writer { sink, alternatives: &mut Vec::new(), is_added: false }.section(master)?;
        }
    }
    sink.line()
}

/// Writes what the library wrote itself, without its own remarks; tells whether it was without any.
///
/// # Errors
/// `Full` when the sink is.
pub fn write_plain(text: &str, sink: &mut Sink) -> Result<bool, Full> {
    let mut is_whole = true;
    for row in text.lines() {
        if is_notice(row) {
            is_whole = false;
        } else {
            line(row, sink)?;
        }
    }
    Ok(is_whole)
}

/// Sheets and slides, as far as the model tells them from sections it adds.
pub fn pages(model: &DocumentIR, format: Format) -> Option<u32> {
    let count = match format {
        _ if is_workbook(format) => model.sections.iter().filter(|section| section.sheet_kind.is_some()).count(),
        Format::Ppt | Format::Pptx => {
            model.sections.iter().filter(|section| section.title.as_deref() != Some(MASTER)).count()
        }
        _ => 0,
    };
    u32::try_from(count).ok().filter(|count| *count > 0)
}

fn margins(all: &[&Option<HeaderFooter>], said: &mut Vec<String>, sink: &mut Sink) -> Result<(), Full> {
    for margin in all.iter().filter_map(|margin| margin.as_ref()) {
        let mut own = Sink::with_limit(1 << 20);
        Writer { sink: &mut own, alternatives: &mut Vec::new(), is_added: false }.elements(&margin.content, 0)?;
        let text = own.finish();
        if !text.trim().is_empty() && !said.contains(&text) {
            line(&text, sink)?;
            said.push(text);
        }
    }
    Ok(())
}

fn is_workbook(format: Format) -> bool {
    matches!(format, Format::Xls | Format::Xlsx)
}

/// A title of the document's own: one that its elements do not say again, and not a number given to a slide.
fn is_title(title: &str, section: &Section, format: Format) -> bool {
    if is_workbook(format) {
        return section.sheet_kind.is_some();
    }
    let is_numbered = title.strip_prefix("Slide ").is_some_and(|rest| rest.parse::<u32>().is_ok());
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

/// Writes the parts of one section.
struct Writer<'a> {
    sink: &'a mut Sink,
    /// Words that stand for pictures.
    alternatives: &'a mut Vec<String>,
    /// The section is none of the document's own: its headings are the library's.
    is_added: bool,
}

impl Writer<'_> {
    fn section(&mut self, section: &Section) -> Result<(), Full> {
        self.elements(&section.elements, 0)?;
        self.elements(section.speaker_notes.as_deref().unwrap_or_default(), 0)
    }

    fn elements(&mut self, all: &[Element], depth: usize) -> Result<(), Full> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        for element in all {
            match element {
                Element::Heading(heading) if self.is_added && is_counted(&heading.content) => self.sink.line()?,
                Element::Heading(heading) => self.inline(&heading.content)?,
                Element::Paragraph(paragraph) => self.inline(&paragraph.content)?,
                Element::Table(table) => self.rows(table, depth + 1)?,
                Element::List(list) => self.list(list, depth + 1)?,
                Element::Image(image) => {
                    let words = image.alt_text.as_deref().unwrap_or_default();
                    let is_said = !image.decorative && !is_file_name(words) && !is_placeholder(image, words);
                    if is_said && self.alternatives.len() < MAX_PARTED {
                        self.alternatives.push(words.to_owned());
                    }
                }
                Element::TextBox(text_box) => self.elements(&text_box.content, depth + 1)?,
                Element::Footnote(note) | Element::Endnote(note) => self.note(note, depth + 1)?,
                Element::CodeBlock(code) => line(&code.content, self.sink)?,
                _ => self.sink.line()?,
            }
        }
        Ok(())
    }

    fn inline(&mut self, content: &[InlineContent]) -> Result<(), Full> {
        let text = inline_to_text(content);
        if is_notice(&text) { Ok(()) } else { line(&text, self.sink) }
    }

    /// A remark is signed.
    fn note(&mut self, note: &Note, depth: usize) -> Result<(), Full> {
        self.sink.line()?;
        if let Some(author) = note.author.as_deref() {
            self.sink.push(author)?;
            self.sink.space()?;
        }
        self.elements(&note.content, depth)
    }

    fn rows(&mut self, table: &Table, depth: usize) -> Result<(), Full> {
        if let Some(caption) = &table.caption {
            line(caption, self.sink)?;
        }
        for row in &table.rows {
            self.sink.line()?;
            for cell in row.cells.iter().take(MAX_PARTED) {
                // Most cells hold one paragraph, and stand in the line of their row.
                match cell.content.as_slice() {
                    [] => {}
                    [Element::Paragraph(one)] => {
                        self.sink.space()?;
                        self.sink.push(inline_to_text(&one.content).trim())?;
                    }
                    more => self.elements(more, depth)?,
                }
            }
        }
        self.sink.line()
    }

    fn list(&mut self, list: &List, depth: usize) -> Result<(), Full> {
        let first = list.start_number.unwrap_or(1);
        for (number, item) in (first..).zip(&list.items) {
            self.sink.line()?;
            if list.ordered && !item.content.is_empty() {
                self.sink.push(&numbers::marker(list, number))?;
                self.sink.space()?;
            }
            match item.content.as_slice() {
                [Element::Paragraph(one), rest @ ..] => {
                    self.sink.push(&inline_to_text(&one.content))?;
                    self.elements(rest, depth)?;
                }
                all => self.elements(all, depth)?,
            }
            if let Some(nested) = item.nested.as_ref().filter(|_| depth < MAX_DEPTH) {
                self.list(nested, depth + 1)?;
            }
        }
        self.sink.line()
    }
}

/// What the library says of a document in the document's place.
fn is_notice(text: &str) -> bool {
    let text = text.trim();
    let is_counted = |text: &str| text.strip_prefix("Chart ").is_some_and(|n| n.parse::<u32>().is_ok());
    is_counted(text)
        || text.starts_with('[')
            && text.ends_with(']')
            && (text.starts_with("[unreadable ") || text.contains(" cut short: ") || text.contains("office_oxide"))
}

fn is_counted(heading: &[InlineContent]) -> bool {
    inline_to_text(heading).strip_prefix("Chart ").is_some_and(|number| number.parse::<u32>().is_ok())
}

/// What the library calls an object it does not open; objects are read elsewhere.
fn is_placeholder(image: &Image, words: &str) -> bool {
    image.data.is_none() && (words.starts_with("Embedded ") || words.starts_with("Linked "))
}

/// A picture without words of its own is often named by its file.
fn is_file_name(words: &str) -> bool {
    let extension = words.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension
        .is_some_and(|e| matches!(e.as_str(), "png" | "jpg" | "jpeg" | "gif" | "bmp" | "emf" | "wmf" | "tif" | "tiff"))
}

#[cfg(test)]
mod tests {
    use office_oxide::ir::{ListItem, ListStyle, Paragraph, TableCell, TableRow, TextSpan};

    use super::*;

    fn paragraph(text: &str) -> Element {
        Element::Paragraph(Paragraph {
            content: vec![InlineContent::Text(TextSpan::plain(text))],
            ..Paragraph::default()
        })
    }

    fn written(sections: Vec<Section>) -> String {
        let mut sink = Sink::default();
        write(&DocumentIR { sections, ..DocumentIR::default() }, Format::Docx, &mut sink).unwrap();
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
