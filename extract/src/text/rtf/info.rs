//! What an RTF document says of itself.

use crate::{Metadata, text::stated};

/// What a document says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Title,
    Subject,
    Author,
    Keywords,
    Created,
    Modified,
}

#[derive(Debug, Default)]
pub struct Info {
    title: String,
    subject: String,
    author: String,
    keywords: String,
    created: [i32; 6],
    modified: [i32; 6],
    pages: Option<i32>,
}

impl Info {
    pub fn tell(&self, metadata: &mut Metadata) {
        metadata.title = stated::text(&self.title);
        metadata.subject = stated::text(&self.subject);
        metadata.author = stated::text(&self.author);
        metadata.keywords = stated::keywords(&self.keywords);
        metadata.created_at = date_of(self.created);
        metadata.modified_at = date_of(self.modified);
        metadata.pages = self.pages.and_then(|pages| u32::try_from(pages).ok()).filter(|pages| *pages > 0);
    }

    /// A text is complete; the first of a kind counts.
    pub fn say(&mut self, field: Field, text: String) {
        let kept = match field {
            Field::Title => &mut self.title,
            Field::Subject => &mut self.subject,
            Field::Author => &mut self.author,
            Field::Keywords => &mut self.keywords,
            Field::Created | Field::Modified => return,
        };
        if kept.is_empty() {
            *kept = text;
        }
    }

    /// A number: a part of the date that is being told, or the count of pages.
    pub fn take(&mut self, date: Option<Field>, word: &[u8], number: i32) {
        let parts = match date {
            Some(Field::Modified) => &mut self.modified,
            _ => &mut self.created,
        };
        match word {
            b"yr" => *parts = [number, 1, 1, 0, 0, 0],
            b"mo" => parts[1] = number,
            b"dy" => parts[2] = number,
            b"hr" => parts[3] = number,
            b"min" => parts[4] = number,
            b"sec" => parts[5] = number,
            b"nofpages" => self.pages = Some(number),
            _ => {}
        }
    }
}

fn date_of(parts: [i32; 6]) -> Option<String> {
    let [year, month, day, hour, minute, second] = parts.map(|part| u32::try_from(part).unwrap_or(99));
    let date = stated::Date { year: i64::from(year), month, day, hour, minute, second };
    date.checked().map(|date| date.to_string())
}
