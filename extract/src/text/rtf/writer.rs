//! What the control words of RTF do to the text: groups with their state, destinations, characters of many code pages.

use super::{
    fonts::Fonts,
    info::{Field, Info},
    words,
};
use crate::text::{Full, Sink, charset::Codec};

/// Bytes of objects inside that are kept.
const MAX_OBJECTS: usize = 64 << 20;
/// Bytes of a paragraph that are gathered before they are poured.
const MAX_PARAGRAPH: usize = 1 << 20;

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    Text,
    /// Not shown.
    Nowhere,
    Fonts,
    Info,
    /// An object's bytes, in hexadecimal digits.
    Object,
    /// A picture; the bytes of one that holds drawing orders are kept, in hexadecimal digits too.
    Picture,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    destination: Destination,
    font: Option<i32>,
    /// The font of East Asian text, and whether such text follows.
    wide_font: Option<i32>,
    is_wide: bool,
    is_hidden: bool,
    /// Units after `\u` that repeat it for programs that know no Unicode.
    fallback: usize,
    /// This group may be ignored if what it holds is unknown.
    may_ignore: bool,
    /// The next group repeats in bytes what the one after says in Unicode.
    skips_next: bool,
    /// The picture here is a list of drawing orders.
    is_drawing: bool,
    /// Closing this group ends a flow of text of its own.
    is_flow: bool,
}

/// A flow of text: the document's, or one that interrupts a paragraph and follows after it.
#[derive(Debug, Default)]
struct Flow {
    text: String,
    after: String,
    field: Option<Field>,
}

pub struct Finished {
    pub info: Info,
    pub objects: Vec<Vec<u8>>,
    pub drawings: Vec<Vec<u8>>,
}

pub struct Writer<'a> {
    sink: &'a mut Sink,
    fonts: Fonts,
    info: Info,
    groups: Vec<Group>,
    now: Group,
    flows: Vec<Flow>,
    /// Bytes that wait to be decoded together: a character may be made of two.
    run: Vec<u8>,
    run_codec: Codec,
    high: Option<u16>,
    to_skip: usize,
    date: Option<Field>,
    digit: Option<u8>,
    objects: Vec<Vec<u8>>,
    drawings: Vec<Vec<u8>>,
    object_bytes: usize,
}

impl<'a> Writer<'a> {
    pub fn new(sink: &'a mut Sink) -> Self {
        let now = Group {
            destination: Destination::Text,
            font: None,
            wide_font: None,
            is_wide: false,
            is_hidden: false,
            fallback: 1,
            may_ignore: false,
            skips_next: false,
            is_drawing: false,
            is_flow: false,
        };
        let fonts = Fonts::default();
        let run_codec = fonts.codec(None);
        Self {
            sink,
            fonts,
            info: Info::default(),
            groups: Vec::new(),
            now,
            flows: vec![Flow::default()],
            run: Vec::new(),
            run_codec,
            high: None,
            to_skip: 0,
            date: None,
            digit: None,
            objects: Vec::new(),
            drawings: Vec::new(),
            object_bytes: 0,
        }
    }

    /// Everything is poured, whether the file ended well or broke off.
    pub fn finish(mut self) -> Result<Finished, Full> {
        self.flush();
        while self.flows.len() > 1 {
            self.end_flow();
        }
        self.end_line()?;
        Ok(Finished { info: self.info, objects: self.objects, drawings: self.drawings })
    }

    pub fn open(&mut self) {
        self.to_skip = 0;
        self.groups.push(self.now);
        if std::mem::take(&mut self.now.skips_next) {
            if let Some(outer) = self.groups.last_mut() {
                outer.skips_next = false;
            }
            self.now.destination = Destination::Nowhere;
        }
        self.now.may_ignore = false;
        self.now.is_flow = false;
    }

    pub fn close(&mut self) -> Result<(), Full> {
        self.to_skip = 0;
        let Some(outer) = self.groups.pop() else { return Ok(()) };
        if self.now.is_flow {
            self.flush();
            self.end_flow();
        }
        self.now = outer;
        match self.flows.last() {
            Some(flow) if flow.text.len() > MAX_PARAGRAPH && self.flows.len() == 1 => self.end_line(),
            _ => Ok(()),
        }
    }

    pub fn may_ignore(&mut self) {
        self.now.may_ignore = true;
    }

    pub fn symbol(&mut self, symbol: u8) -> Result<(), Full> {
        if self.skip_one() {
            return Ok(());
        }
        match symbol {
            b'~' => self.character('\u{a0}'),
            b'_' => self.character('-'),
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'\r' | b'\n' => self.mark(words::Mark::Line)?,
            b'\t' => self.character('\t'),
            _ => {}
        }
        Ok(())
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        let skipped = self.to_skip.min(bytes.len());
        self.to_skip -= skipped;
        if self.now.destination == Destination::Object || self.now.is_drawing {
            self.digits(bytes);
            return;
        }
        for byte in &bytes[skipped..] {
            self.put(*byte);
        }
    }

    pub fn byte(&mut self, byte: u8) {
        if !self.skip_one() {
            self.put(byte);
        }
    }

    pub fn word(&mut self, word: &[u8], number: Option<i32>) -> Result<(), Full> {
        if word == b"u" {
            self.unicode(number.unwrap_or(0));
            return Ok(());
        }
        if self.skip_one() {
            return Ok(());
        }
        if let Some(destination) = words::destination(word) {
            self.enter(word, destination);
            return Ok(());
        }
        if self.now.may_ignore && !words::is_known_ignorable(word) {
            self.now.destination = Destination::Nowhere;
            self.now.is_drawing = false;
        }
        self.now.may_ignore = false;
        match self.now.destination {
            Destination::Fonts => {
                self.fonts.take(word, number);
                Ok(())
            }
            Destination::Info => {
                self.tell(word, number);
                Ok(())
            }
            Destination::Picture => {
                if word == b"emfblip" && !self.now.is_drawing {
                    self.now.is_drawing = true;
                    self.drawings.push(Vec::new());
                }
                Ok(())
            }
            _ => self.style(word, number),
        }
    }

    fn enter(&mut self, word: &[u8], destination: Destination) {
        self.now.may_ignore = false;
        if self.now.destination == Destination::Nowhere {
            return;
        }
        self.flush();
        self.now.destination = destination;
        self.now.is_drawing = false;
        match destination {
            Destination::Object => self.objects.push(Vec::new()),
            // Notes, headers and boxes in the text begin a flow of their own.
            Destination::Text => self.begin_flow(None),
            _ => {}
        }
        self.digit = None;
        self.now.skips_next = word == b"upr";
    }

    fn style(&mut self, word: &[u8], number: Option<i32>) -> Result<(), Full> {
        match word {
            b"f" | b"af" if self.now.is_wide => self.now.wide_font = number,
            b"f" => self.now.font = number,
            b"dbch" => self.now.is_wide = true,
            b"loch" | b"hich" | b"ltrch" | b"rtlch" => self.now.is_wide = false,
            b"plain" => {
                self.now.is_hidden = false;
                self.now.font = None;
                self.now.wide_font = None;
                self.now.is_wide = false;
            }
            b"v" | b"deleted" => self.now.is_hidden = number != Some(0),
            b"uc" => self.now.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(64),
            b"upr" => self.now.skips_next = true,
            b"ansicpg" => self.fonts.set_default(number.and_then(|page| u32::try_from(page).ok()).unwrap_or(1252)),
            b"mac" => self.fonts.set_default(10000),
            b"pc" => self.fonts.set_default(437),
            b"pca" => self.fonts.set_default(850),
            b"deff" => {}
            _ => {
                if let Some(mark) = words::mark(word) {
                    return self.mark(mark);
                }
                if let Some(c) = words::character(word) {
                    self.character(c);
                }
            }
        }
        Ok(())
    }

    /// A control word inside the document's account of itself.
    fn tell(&mut self, word: &[u8], number: Option<i32>) {
        if let Some(field) = words::field(word) {
            match field {
                Field::Created | Field::Modified => self.date = Some(field),
                field => {
                    self.flush();
                    self.now.destination = Destination::Text;
                    self.begin_flow(Some(field));
                }
            }
            return;
        }
        match word {
            b"printim" | b"buptim" => self.now.destination = Destination::Nowhere,
            _ => self.info.take(self.date, word, number.unwrap_or(0)),
        }
    }

    /// `\u` gives a unit of UTF-16, and then what programs show that know none.
    fn unicode(&mut self, number: i32) {
        self.to_skip = 0;
        let Ok(unit) = u16::try_from(if number < 0 { number + 0x1_0000 } else { number }) else {
            // Some writers give the character itself.
            if let Some(c) = u32::try_from(number).ok().and_then(char::from_u32) {
                self.character(c);
            }
            self.to_skip = self.now.fallback;
            return;
        };
        let high = self.high.take();
        match unit {
            0xd800..=0xdbff => self.high = Some(unit),
            0xdc00..=0xdfff => {
                let pair = high.and_then(|high| char::decode_utf16([high, unit]).next()?.ok());
                if let Some(c) = pair {
                    self.character(c);
                }
            }
            // Fonts of symbols have their characters here.
            0xf000..=0xf0ff => {}
            unit => {
                if let Some(c) = char::from_u32(u32::from(unit)) {
                    self.character(c);
                }
            }
        }
        self.to_skip = self.now.fallback;
    }

    fn skip_one(&mut self) -> bool {
        let skips = self.to_skip > 0;
        self.to_skip = self.to_skip.saturating_sub(1);
        skips
    }

    fn is_shown(&self) -> bool {
        self.now.destination == Destination::Text && !self.now.is_hidden
    }

    fn put(&mut self, byte: u8) {
        self.now.may_ignore = false;
        if !self.is_shown() {
            return;
        }
        self.high = None;
        let font = if self.now.is_wide { self.now.wide_font.or(self.now.font) } else { self.now.font };
        let codec = self.fonts.codec(font);
        if codec != self.run_codec {
            self.flush();
            self.run_codec = codec;
        }
        self.run.push(byte);
    }

    fn character(&mut self, c: char) {
        self.now.may_ignore = false;
        if !self.is_shown() {
            return;
        }
        self.high = None;
        self.flush();
        if let Some(flow) = self.flows.last_mut() {
            flow.text.push(c);
        }
    }

    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        if let Some(flow) = self.flows.last_mut() {
            flow.text.push_str(&self.run_codec.decode(&self.run));
        }
        self.run.clear();
    }

    fn mark(&mut self, mark: words::Mark) -> Result<(), Full> {
        if self.now.destination != Destination::Text {
            return Ok(());
        }
        self.flush();
        match mark {
            words::Mark::Line => self.end_line(),
            words::Mark::Cell => {
                if let Some(flow) = self.flows.last_mut() {
                    flow.text.push('\t');
                }
                Ok(())
            }
        }
    }

    fn begin_flow(&mut self, field: Option<Field>) {
        // A group has one flow; a second destination in it goes on with that.
        if !self.now.is_flow {
            self.now.is_flow = true;
            self.flows.push(Flow { field, ..Flow::default() });
        }
    }

    fn end_flow(&mut self) {
        if self.flows.len() < 2 {
            return;
        }
        let Some(Flow { mut text, after, field }) = self.flows.pop() else { return };
        if let Some(field) = field {
            self.info.say(field, text);
            return;
        }
        let Some(outer) = self.flows.last_mut() else { return };
        if !text.ends_with('\n') && !text.is_empty() {
            text.push('\n');
        }
        outer.after.push_str(&text);
        outer.after.push_str(&after);
    }

    /// The line is complete; what interrupted it follows.
    fn end_line(&mut self) -> Result<(), Full> {
        let is_outermost = self.flows.len() == 1;
        let Some(flow) = self.flows.last_mut() else { return Ok(()) };
        if !flow.text.ends_with('\n') && !flow.text.is_empty() {
            flow.text.push('\n');
        }
        let after = std::mem::take(&mut flow.after);
        flow.text.push_str(&after);
        match is_outermost {
            true => self.sink.push(&std::mem::take(&mut flow.text)),
            false => Ok(()),
        }
    }

    /// Hexadecimal digits of an object or a drawing.
    fn digits(&mut self, bytes: &[u8]) {
        let into = if self.now.is_drawing { &mut self.drawings } else { &mut self.objects };
        let Some(object) = into.last_mut() else { return };
        for byte in bytes {
            let Some(digit) = char::from(*byte).to_digit(16) else { continue };
            let digit = digit as u8;
            match self.digit.take() {
                None => self.digit = Some(digit),
                Some(high) if self.object_bytes < MAX_OBJECTS => {
                    object.push(high << 4 | digit);
                    self.object_bytes += 1;
                }
                Some(_) => return,
            }
        }
    }
}
