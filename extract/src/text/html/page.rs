//! One page from its tokens: what is shown goes to the sink, what the head says is kept beside it.

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

use crate::text::{Full, Sink};

/// Pages inside frames inside pages.
const MAX_FRAMES: u8 = 3;

/// What a page says of itself, as it says it.
#[derive(Debug, Default)]
pub struct Page {
    pub title: String,
    pub author: String,
    pub keywords: String,
    pub language: String,
    pub date: String,
    /// The title is kept here but not poured.
    pub hides_title: bool,
    /// How many frames this page lies in.
    pub frames: u8,
}

/// How elements end that hold no markup: by their end tag in HTML, by a slash as well in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Html,
    Xml,
}

/// Pours the text of a page.
///
/// # Errors
/// `Full` when the sink is.
pub fn walk(markup: &str, dialect: Dialect, page: &mut Page, sink: &mut Sink) -> Result<(), Full> {
    let mut walker = Walker {
        page,
        sink,
        dialect,
        tag: String::new(),
        attributes: Vec::new(),
        hidden: None,
        templates: 0,
        preformatted: 0,
        is_title: false,
        has_title: false,
        wants_space: false,
        asides: String::new(),
    };
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| walker.take(event).err());
    emitter.naively_switch_states(dialect == Dialect::Html);
    // The walker stops it only when it wants no more.
    match Tokenizer::new_with_emitter(markup, emitter).next() {
        Some(Ok(full)) => return Err(full),
        Some(Err(never)) => match never {},
        None => {}
    }
    walker.end()
}

struct Walker<'a> {
    page: &'a mut Page,
    sink: &'a mut Sink,
    dialect: Dialect,
    tag: String,
    attributes: Vec<(String, String)>,
    /// The element whose content is not shown.
    hidden: Option<String>,
    templates: usize,
    preformatted: usize,
    is_title: bool,
    has_title: bool,
    wants_space: bool,
    /// Alternatives and titles: words of the page, but between those of a sentence they would tear it.
    asides: String,
}

impl Walker<'_> {
    fn take(&mut self, event: CallbackEvent<'_>) -> Result<(), Full> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = text_of(name);
                self.attributes.clear();
                Ok(())
            }
            CallbackEvent::AttributeName { name } => {
                self.attributes.push((text_of(name), String::new()));
                Ok(())
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some((_, last)) = self.attributes.last_mut() {
                    last.push_str(&String::from_utf8_lossy(value));
                }
                Ok(())
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                let tag = std::mem::take(&mut self.tag);
                self.open(&tag, self_closing && self.dialect == Dialect::Xml)
            }
            CallbackEvent::EndTag { name } => self.close(&text_of(name)),
            CallbackEvent::String { value } => self.show(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => Ok(()),
        }
    }

    fn open(&mut self, tag: &str, ends_here: bool) -> Result<(), Full> {
        if self.hidden.is_some() {
            return Ok(());
        }
        match tag {
            "template" if !ends_here => self.templates += 1,
            "script" | "style" | "noscript" | "noembed" | "noframes" | "iframe" if !ends_here => {
                self.hidden = Some(tag.to_owned());
            }
            _ => {}
        }
        if self.templates > 0 {
            return Ok(());
        }
        self.tell(tag)?;
        match tag {
            "title" if !ends_here => self.is_title = !self.has_title,
            "pre" | "textarea" | "listing" | "xmp" if !ends_here => self.preformatted += 1,
            "td" | "th" | "option" => self.wants_space = true,
            "iframe" => self.frame()?,
            _ => {}
        }
        if is_block(tag) { self.line() } else { Ok(()) }
    }

    fn close(&mut self, tag: &str) -> Result<(), Full> {
        if let Some(hidden) = &self.hidden {
            if hidden == tag {
                self.hidden = None;
            }
            return Ok(());
        }
        match tag {
            "template" => self.templates = self.templates.saturating_sub(1),
            "title" => {
                self.has_title |= self.is_title;
                self.is_title = false;
            }
            "pre" | "textarea" | "listing" | "xmp" => self.preformatted = self.preformatted.saturating_sub(1),
            "td" | "th" | "option" | "button" | "select" => self.wants_space = true,
            _ => {}
        }
        if self.templates == 0 && is_block(tag) { self.line() } else { Ok(()) }
    }

    /// Text that is shown; white space counts once, but where it is laid out by hand.
    fn show(&mut self, text: &str) -> Result<(), Full> {
        if self.hidden.is_some() || self.templates > 0 {
            return Ok(());
        }
        if self.is_title {
            self.page.title.push_str(text);
            if self.page.hides_title {
                return Ok(());
            }
        }
        if self.preformatted > 0 {
            return self.sink.push(text);
        }
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let is_space = c.is_ascii_whitespace();
            let end = rest.find(|c: char| c.is_ascii_whitespace() != is_space).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            if is_space {
                self.wants_space = true;
                continue;
            }
            if std::mem::take(&mut self.wants_space) {
                self.sink.space()?;
            }
            self.sink.push(run)?;
        }
        Ok(())
    }

    /// What an element's attributes say.
    fn tell(&mut self, tag: &str) -> Result<(), Full> {
        match tag {
            "meta" => return self.meta(),
            "html" | "body" => {
                let language = self.attribute("lang").or_else(|| self.attribute("xml:lang")).unwrap_or_default();
                if self.page.language.is_empty() {
                    self.page.language = language.to_owned();
                }
            }
            _ => {}
        }
        for (name, value) in &self.attributes {
            let is_shown = name == "title" || (name == "alt" && matches!(tag, "img" | "area" | "input" | "image"));
            if is_shown && !value.trim().is_empty() && !self.asides.ends_with(&format!("{value}\n")) {
                self.asides.push_str(value);
                self.asides.push('\n');
            }
        }
        Ok(())
    }

    fn meta(&mut self) -> Result<(), Full> {
        let Some(content) = self.attribute("content").map(str::to_owned) else { return Ok(()) };
        let Some(name) = self.attribute("name").or_else(|| self.attribute("property")) else { return Ok(()) };
        let kept = match name.to_ascii_lowercase().as_str() {
            "description" => {
                self.line()?;
                self.sink.push(&content)?;
                return self.line();
            }
            "author" | "dc.creator" | "dcterms.creator" => &mut self.page.author,
            "keywords" | "dc.subject" | "dcterms.subject" => &mut self.page.keywords,
            "date" | "dc.date" | "dcterms.created" | "dcterms.date" | "article:published_time" => &mut self.page.date,
            "dc.title" | "dcterms.title" | "og:title" if !self.has_title && !self.is_title => &mut self.page.title,
            "language" | "dc.language" | "dcterms.language" => &mut self.page.language,
            _ => return Ok(()),
        };
        if kept.is_empty() {
            *kept = content;
        }
        Ok(())
    }

    /// A page inside the page.
    fn frame(&mut self) -> Result<(), Full> {
        let Some(inner) = self.attribute("srcdoc").map(str::to_owned) else { return Ok(()) };
        self.line()?;
        if self.page.frames < MAX_FRAMES {
            let mut page = Page { frames: self.page.frames + 1, ..Page::default() };
            walk(&inner, self.dialect, &mut page, self.sink)?;
        }
        self.line()
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn line(&mut self) -> Result<(), Full> {
        self.wants_space = false;
        self.sink.line()
    }

    fn end(mut self) -> Result<(), Full> {
        if self.asides.is_empty() {
            return Ok(());
        }
        self.line()?;
        let asides = std::mem::take(&mut self.asides);
        self.sink.push(&asides)
    }
}

fn text_of(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// Elements that begin and end a line.
fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "frame"
            | "frameset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "iframe"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "noframes"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "select"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "textarea"
            | "thead"
            | "title"
            | "tr"
            | "ul"
            | "xmp"
    )
}
