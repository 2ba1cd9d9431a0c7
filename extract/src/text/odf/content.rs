//! The words of an OpenDocument part, in reading order. What interrupts a sentence (a note, a comment, a text box)
//! follows after its paragraph; deleted text that is still tracked stays out.

use crate::{
    detect::Format,
    text::{
        Full, Reading, Sink, Stop,
        xml::{self, Element, Step},
    },
};

/// Blanks that one element may stand for.
const MAX_BLANKS: usize = 100;
/// How often one cell may stand for its neighbours too.
const MAX_CELLS: usize = 8;

/// Pours the body of a `content.xml`.
///
/// # Errors
/// `Full`, and faults of the markup.
pub fn pour(part: &[u8], format: Format, into: &mut Reading) -> Result<(), Stop> {
    let mut slides = 0;
    let mut sheets = 0;
    let mut body = Body::new(&mut into.sink, &["body"]);
    body.names_tables = format == Format::Ods;
    let ended = xml::walk(part, |step| {
        if let Step::Open(element) = &step {
            slides += u32::from(element.name() == "page" && format == Format::Odp);
            sheets += u32::from(element.name() == "table" && format == Format::Ods);
        }
        body.take(step)
    });
    body.end()?;
    if into.depth == 0 && slides.max(sheets) > 0 {
        into.metadata.pages = Some(slides.max(sheets));
    }
    ended
}

/// Pours the headers and footers of a `styles.xml`; of slides, what their masters show on each of them.
///
/// # Errors
/// As `pour`.
pub fn pour_margins(part: &[u8], format: Format, into: &mut Reading) -> Result<(), Stop> {
    const MARGINS: [&str; 6] = ["header", "header-left", "header-first", "footer", "footer-left", "footer-first"];
    let roots: &[&str] = if format == Format::Odp { &["master-page"] } else { &MARGINS };
    let mut body = Body::new(&mut into.sink, roots);
    body.is_margin = true;
    xml::walk(part, |step| body.take(step))?;
    Ok(body.end()?)
}

struct Body<'a> {
    sink: &'a mut Sink,
    /// Elements that hold text for people.
    roots: &'static [&'static str],
    names_tables: bool,
    /// What is read repeats on every page: its fields are filled in anew on each, its frames wait for text.
    is_margin: bool,
    inside: usize,
    /// How many elements deep we are in what is left out.
    skipped: usize,
    /// The paragraph, and on top of it what interrupts it.
    levels: Vec<Level>,
}

/// A flow of text: the document's own, or one that interrupts another.
#[derive(Default)]
struct Level {
    text: String,
    /// What has interrupted the paragraph, to follow after it.
    after: String,
    cells: usize,
    cell: Cell,
}

#[derive(Default)]
struct Cell {
    begins: usize,
    /// The cell's value, for the case that no paragraph shows it.
    value: String,
    repeated: usize,
}

impl<'a> Body<'a> {
    fn new(sink: &'a mut Sink, roots: &'static [&'static str]) -> Self {
        Self {
            sink,
            roots,
            names_tables: false,
            is_margin: false,
            inside: 0,
            skipped: 0,
            levels: vec![Level::default()],
        }
    }

    fn take(&mut self, step: Step<'_>) -> Result<(), Stop> {
        match step {
            Step::Open(element) => self.open(element)?,
            Step::Close(name) => self.close(name)?,
            Step::Text(text) if self.inside > 0 && self.skipped == 0 => self.push_text(text),
            Step::Text(_) => {}
        }
        Ok(())
    }

    fn open(&mut self, element: &Element<'_>) -> Result<(), Full> {
        let name = element.name();
        if self.skipped > 0 || is_left_out(element) || (self.is_margin && is_filled_in(element)) {
            self.skipped += 1;
            return Ok(());
        }
        if self.roots.contains(&name) {
            self.inside += 1;
        }
        if self.inside == 0 {
            return Ok(());
        }
        match name {
            "s" => self.push(&" ".repeat(element.number("c").unwrap_or(1).min(MAX_BLANKS))),
            "tab" => self.push("\t"),
            "line-break" => self.push("\n"),
            "table" if self.names_tables => {
                if let Some(name) = element.attribute("name") {
                    self.push(&name);
                    self.end_line()?;
                }
            }
            "table-cell" | "covered-table-cell" => self.begin_cell(element),
            _ if interrupts(name) => self.levels.push(Level::default()),
            _ => {
                if let Some(label) = element.attribute("label").filter(|_| is_control(name)) {
                    self.push(&label);
                    self.end_line()?;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Full> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        if self.inside == 0 {
            return Ok(());
        }
        match name {
            "p" | "h" => self.end_paragraph()?,
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" | "list-header" | "header-decl" | "footer-decl" | "date-time-decl" => self.end_line()?,
            _ if interrupts(name) => self.resume(),
            _ if self.roots.contains(&name) => {
                self.end_line()?;
                self.inside -= 1;
            }
            _ => {}
        }
        Ok(())
    }

    fn level(&mut self) -> Option<&mut Level> {
        self.levels.last_mut()
    }

    fn push(&mut self, text: &str) {
        if let Some(level) = self.level() {
            level.text.push_str(text);
        }
    }

    /// White space as markup has it: line breaks and indents are one blank inside a paragraph, and nothing between.
    fn push_text(&mut self, text: &str) {
        let is_laid_out = text.contains(['\n', '\r', '\t']);
        match self.level() {
            Some(level) if is_laid_out => {
                for piece in text.split_inclusive(|c: char| c.is_ascii_whitespace()) {
                    let word = piece.trim_end_matches(|c: char| c.is_ascii_whitespace());
                    level.text.push_str(word);
                    if word.len() < piece.len() && !level.text.is_empty() && !level.text.ends_with([' ', '\n', '\t']) {
                        level.text.push(' ');
                    }
                }
            }
            Some(level) => level.text.push_str(text),
            None => {}
        }
    }

    /// Cells of a row share its line; everything else ends one.
    fn end_paragraph(&mut self) -> Result<(), Full> {
        match self.level() {
            Some(level) if level.cells > 0 => {
                level.text.push(' ');
                Ok(())
            }
            _ => self.end_line(),
        }
    }

    /// The line is complete: what interrupted it follows.
    fn end_line(&mut self) -> Result<(), Full> {
        let is_outermost = self.levels.len() == 1;
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        if !level.text.ends_with('\n') && !level.text.is_empty() {
            level.text.push('\n');
        }
        let after = std::mem::take(&mut level.after);
        level.text.push_str(&after);
        match is_outermost {
            true => self.sink.push(&std::mem::take(&mut level.text)),
            false => Ok(()),
        }
    }

    fn begin_cell(&mut self, element: &Element<'_>) {
        let value =
            ["string-value", "date-value", "time-value", "value"].iter().find_map(|name| element.attribute(name));
        let value = value.unwrap_or_default().into_owned();
        let repeated = element.number("number-columns-repeated").unwrap_or(1);
        if let Some(level) = self.level() {
            level.cells += 1;
            level.cell = Cell { begins: level.text.len(), value, repeated };
        }
    }

    fn end_cell(&mut self) {
        let Some(level) = self.level() else { return };
        level.cells = level.cells.saturating_sub(1);
        let cell = std::mem::take(&mut level.cell);
        let shown = level.text.get(cell.begins..).unwrap_or_default().trim().to_owned();
        if shown.is_empty() {
            level.text.push_str(&cell.value);
        }
        if level.text.len() > cell.begins {
            level.text.push('\t');
            for _ in 1..cell.repeated.min(MAX_CELLS) {
                level.text.push_str(if shown.is_empty() { &cell.value } else { &shown });
                level.text.push('\t');
            }
        }
    }

    /// What interrupted is over; the paragraph goes on.
    fn resume(&mut self) {
        if self.levels.len() < 2 {
            return;
        }
        let Some(Level { mut text, after, .. }) = self.levels.pop() else { return };
        if !text.ends_with('\n') && !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&after);
        if let Some(level) = self.level() {
            level.after.push_str(&text);
        }
    }

    /// Whatever the part broke off in.
    fn end(mut self) -> Result<(), Full> {
        while self.levels.len() > 1 {
            self.resume();
        }
        self.end_line()
    }
}

/// Flows of their own inside a paragraph: notes, comments, readings of characters, text boxes, words for pictures.
fn interrupts(name: &str) -> bool {
    matches!(name, "note" | "annotation" | "ruby-text" | "text-box" | "title" | "desc" | "footnote" | "endnote")
}

/// Deleted text, marks of notes, and what machines keep.
fn is_left_out(element: &Element<'_>) -> bool {
    matches!(element.full_name(), "dc:date" | "dc:creator")
        || matches!(
            element.name(),
            "tracked-changes"
                | "note-citation"
                | "date-string"
                | "scripts"
                | "settings"
                | "binary-data"
                | "styles"
                | "automatic-styles"
                | "dde-source"
                | "event-listeners"
                | "creator-initials"
        )
}

/// Fields, and frames of a master that stand for a slide's own text.
fn is_filled_in(element: &Element<'_>) -> bool {
    const OWN: [&str; 9] =
        ["title", "outline", "subtitle", "text", "notes", "page", "page-number", "date-time", "handout"];
    match element.full_name() {
        "text:page-number" | "text:page-count" | "text:sheet-name" | "text:title" | "text:file-name" | "text:date"
        | "text:time" => true,
        "presentation:notes" => true,
        _ => element.attribute("class").is_some_and(|class| OWN.contains(&class.as_ref())),
    }
}

/// Elements of forms that show a label.
fn is_control(name: &str) -> bool {
    matches!(name, "button" | "checkbox" | "radio" | "frame" | "fixed-text" | "item" | "option")
}
