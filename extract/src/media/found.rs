//! What one file was found to say, on its way into a reading. The first word about a thing stands; every reader asks the
//! most trustworthy place first.

use crate::{
    Metadata,
    text::{Full, Reading},
};

/// The longest title, name or caption that is kept as metadata, in characters.
const LONGEST: usize = 2_000;
const MOST_KEYWORDS: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct Found {
    pub metadata: Metadata,
    /// Words worth finding that have no name among the metadata: comments, lyrics, copyright.
    words: Vec<String>,
}

impl Found {
    /// Adds a piece that can only be searched for.
    pub fn word(&mut self, text: &str) {
        if let Some(text) = clean(text)
            && !self.words.contains(&text)
        {
            self.words.push(text);
        }
    }

    /// The same for a text of many lines: each stands, however often.
    pub fn line(&mut self, text: &str) {
        self.words.extend(clean(text));
    }

    pub fn keyword(&mut self, text: &str) {
        let keywords = &mut self.metadata.keywords;
        if let Some(text) = short(text)
            && keywords.len() < MOST_KEYWORDS
            && !keywords.contains(&text)
        {
            keywords.push(text);
        }
    }

    /// Hands over what was found. A file inside another does not speak for the whole: of it only the words are kept.
    ///
    /// # Errors
    /// `Full` when no more words are wanted.
    pub fn pour(self, into: &mut Reading) -> Result<(), Full> {
        let Self { metadata, words } = self;
        let named = [&metadata.title, &metadata.subject, &metadata.author, &metadata.artist, &metadata.album];
        let mut lines: Vec<String> = named.into_iter().flatten().cloned().collect();
        lines.push(metadata.keywords.join(", "));
        lines.extend(words);
        if into.depth == 0 {
            into.metadata = metadata;
        }
        for (index, line) in lines.iter().enumerate() {
            if !line.is_empty() && !lines[..index].contains(line) {
                into.sink.push(line)?;
                into.sink.line()?;
            }
        }
        Ok(())
    }
}

/// Keeps a text where none was known.
pub(crate) fn fill(slot: &mut Option<String>, text: &str) {
    if slot.is_none() {
        *slot = short(text);
    }
}

fn short(text: &str) -> Option<String> {
    clean(text).map(|text| text.chars().take(LONGEST).collect())
}

/// Without the padding and the NULs that fixed fields are filled with.
fn clean(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    if text.is_empty() { None } else { Some(text) }
}

/// Text of unknown encoding: UTF-8 where it is that, else what Western systems wrote.
pub(crate) fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
