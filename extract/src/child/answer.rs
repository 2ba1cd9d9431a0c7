//! What travels between the two ends, and what a caller gets. The reading end believes no length it was not sent.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Metadata, Outcome, Report, VERSION,
    picture::{Info, Picture},
};

/// Bytes of the header's line; more is no header.
pub(super) const MAX_HEADER: u64 = 1 << 20;
/// Characters of a name, a MIME type, or one word of the metadata.
const MAX_WORD: usize = 1_000;
const MAX_KEYWORDS: usize = 100;

/// What others say of a file. It travels in the environment: arguments can be read by everybody on the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hint {
    pub name: Option<String>,
    pub mime_type: Option<String>,
}

/// Where a hint travels.
pub(super) const HINT: &str = "HAWSER_EXTRACT_HINT";

impl Hint {
    pub(super) fn clipped(&self) -> Self {
        Self { name: clipped(self.name.as_deref()), mime_type: clipped(self.mime_type.as_deref()) }
    }
}

/// How a file was read. There is one for every file.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What a reader that broke off had said is not in it.
    pub report: Report,
    pub text: String,
    /// Largest first.
    pub pictures: Vec<Picture>,
    /// The last the process said on its standard error; for operators only, since it may quote the file.
    pub trouble: Option<String>,
    /// The most bytes the process had in memory; of one that broke off, what was seen until then.
    pub peak_memory: u64,
    pub elapsed: Duration,
    pub walls: Walls,
    /// What kind of program could tell more of it.
    pub wants: Option<Wants>,
}

/// Files that optional programs know better than we do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wants {
    /// HEIC and AVIF.
    Still,
    Film,
    Sound,
}

/// Which of the walls around a process stood. Limits of memory and time always do: without them nothing is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walls {
    /// The kernel refuses every call but a short list: no file is opened, no socket, no program.
    pub calls: bool,
    /// Landlock shuts the file system and the network as well.
    pub files: bool,
}

/// The line before the bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    pub report: Report,
    /// Bytes of text that follow.
    pub text: u64,
    /// Pictures that follow, and the bytes of each.
    pub pictures: Vec<(Info, u64)>,
    pub peak_memory: u64,
    pub walls: Walls,
    pub wants: Option<Wants>,
}

impl Header {
    /// Bytes that follow.
    pub fn follows(&self) -> Option<u64> {
        self.pictures.iter().try_fold(self.text, |sum, (_, bytes)| sum.checked_add(*bytes))
    }
}

/// The report on a file of which nothing else is known.
pub(super) fn bare(outcome: Outcome, mime_type: Option<&str>, detail: impl Into<String>) -> Report {
    Report {
        version: VERSION,
        outcome,
        mime_type: mime_type.map(str::to_owned),
        detail: Some(detail.into()),
        encoding: None,
        is_poor: false,
        needs_ocr: false,
        metadata: Metadata::default(),
    }
}

/// Cuts what a file says of itself to a size that fits into a header.
pub(super) fn clip(metadata: &mut Metadata) {
    let words = [
        &mut metadata.title,
        &mut metadata.author,
        &mut metadata.subject,
        &mut metadata.created_at,
        &mut metadata.modified_at,
        &mut metadata.language,
        &mut metadata.taken_at,
        &mut metadata.camera_make,
        &mut metadata.camera_model,
        &mut metadata.lens,
        &mut metadata.container,
        &mut metadata.video_codec,
        &mut metadata.audio_codec,
        &mut metadata.artist,
        &mut metadata.album,
    ];
    for word in words {
        *word = clipped(word.as_deref());
    }
    metadata.keywords.truncate(MAX_KEYWORDS);
    for keyword in &mut metadata.keywords {
        *keyword = keyword.chars().take(MAX_WORD).collect();
    }
}

fn clipped(word: Option<&str>) -> Option<String> {
    word.map(|word| word.chars().take(MAX_WORD).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_endless_words_fits_its_line() {
        let long = || Some("\u{1}".repeat(1 << 20));
        let mut metadata = Metadata { title: long(), author: long(), album: long(), ..Metadata::default() };
        metadata.keywords = vec![long().unwrap_or_default(); 150];
        clip(&mut metadata);
        let line = serde_json::to_string(&metadata).unwrap();
        assert!(line.len() as u64 + 1_000 < MAX_HEADER, "{}", line.len());
        assert_eq!(metadata.keywords.len(), MAX_KEYWORDS);
    }

    #[test]
    fn lengths_that_add_up_to_more_than_there_are_numbers_are_none() {
        let info = Info { mime_type: String::new(), width: 1, height: 1 };
        let header = Header {
            report: bare(Outcome::Ok, None, ""),
            text: u64::MAX,
            pictures: vec![(info, 1)],
            peak_memory: 0,
            walls: Walls::default(),
            wants: None,
        };
        assert_eq!(header.follows(), None);
    }
}
