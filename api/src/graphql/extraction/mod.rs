//! What is read out of the contents of documents: how that ended, the text, and what files say of themselves.

use async_graphql::{Context, Description, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    Error,
    entity::extraction::Outcome,
    extraction::{self, Standing, State},
};

use super::{caller::app, scalar::Long};

mod metadata;

pub use metadata::DocumentMetadata;

/// Characters of a text in one answer, and how many unless told.
const MOST: i32 = 100_000;
pub const USUAL: i32 = 10_000;

/// How reading a document's content ended.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtractionState {
    /// It will be read, or is being read.
    Waiting,
    /// All of it was read.
    Ok,
    /// It was read up to a limit: what lies behind it cannot be found.
    Truncated,
    /// It was read, and there is no text in it.
    Empty,
    /// It wants a password.
    Encrypted,
    /// Nothing here reads this kind of file, or its owner does not let it be downloaded.
    Unsupported,
    /// It is not what it says it is, or it is broken beyond reading.
    Malformed,
    /// It, or what it would grow to, is larger than what is read.
    TooLarge,
    /// Reading took longer than it may.
    Timeout,
    /// Reading wanted more memory than it may have.
    Oom,
    /// The reader broke off by itself.
    Crashed,
}

impl From<State> for ExtractionState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Ended(Outcome::Ok) => Self::Ok,
            State::Ended(Outcome::Truncated) => Self::Truncated,
            State::Ended(Outcome::Empty) => Self::Empty,
            State::Ended(Outcome::Encrypted) => Self::Encrypted,
            State::Ended(Outcome::Unsupported) => Self::Unsupported,
            State::Ended(Outcome::Malformed) => Self::Malformed,
            State::Ended(Outcome::TooLarge) => Self::TooLarge,
            State::Ended(Outcome::Timeout) => Self::Timeout,
            State::Ended(Outcome::Oom) => Self::Oom,
            State::Ended(Outcome::Crashed) => Self::Crashed,
        }
    }
}

/// How far a document's content is read, and what came of it.
#[derive(Description)]
pub struct Extraction(pub Standing);

#[Object(use_type_description)]
impl Extraction {
    /// How it ended, for the content as it is now.
    async fn state(&self) -> ExtractionState {
        self.0.state.into()
    }

    /// What a person can do about it, in a sentence; null where all is well.
    async fn next_step(&self) -> Option<&'static str> {
        next_step(self.0.state, self.0.extraction.as_ref().is_some_and(|it| it.needs_ocr))
    }

    /// Why it ended so, in a sentence.
    async fn detail(&self) -> Option<&str> {
        self.0.extraction.as_ref()?.detail.as_deref()
    }

    /// What the bytes are, whatever the cloud calls them: a MIME type.
    async fn mime_type(&self) -> Option<&str> {
        self.0.extraction.as_ref()?.mime_type.as_deref()
    }

    /// The encoding the text was in; for plain text, HTML and mail.
    async fn encoding(&self) -> Option<&str> {
        self.0.extraction.as_ref()?.encoding.as_deref()
    }

    /// Bytes of the text, as UTF-8; null where there is none.
    async fn text_size(&self) -> Option<Long> {
        let found = self.0.extraction.as_ref()?;
        found.text_blob.as_ref().map(|_| Long(found.text_size))
    }

    /// Whether much of the text could not be mapped to letters.
    async fn is_poor(&self) -> bool {
        self.0.extraction.as_ref().is_some_and(|it| it.is_poor)
    }

    /// Whether pages are pictures, in which only character recognition would find text.
    async fn needs_ocr(&self) -> bool {
        self.0.extraction.as_ref().is_some_and(|it| it.needs_ocr)
    }

    /// When a content of this document was last read.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.reading.as_ref().map(|it| it.at)
    }

    /// The version of the reader. What an older one failed at is read again by a newer one.
    async fn reader_version(&self) -> Option<i32> {
        self.0.extraction.as_ref().map(|it| it.version)
    }
}

fn next_step(state: State, needs_ocr: bool) -> Option<&'static str> {
    let State::Ended(outcome) = state else { return Some("Wait: it is read as soon as its turn comes.") };
    match outcome {
        Outcome::Ok => None,
        Outcome::Empty if needs_ocr => Some("Its pages are pictures: put a version with text into the cloud."),
        Outcome::Empty => None,
        Outcome::Truncated => Some("It is longer than what is read: split it to find all of it."),
        Outcome::Encrypted => Some("Take the password off in the cloud, and it is read again."),
        Outcome::Unsupported => Some("Find it by its name; or put it into the cloud in another format."),
        Outcome::Malformed => Some("Open it in the program it was made with and save it anew."),
        Outcome::TooLarge => Some("Make it smaller or split it; until then it is found by its name."),
        Outcome::Timeout | Outcome::Oom | Outcome::Crashed => {
            Some("It was tried twice; save it anew or in another format, or wait for a newer reader.")
        }
    }
}

/// A piece of a document's text.
#[derive(SimpleObject)]
pub struct DocumentText {
    /// The piece itself.
    text: String,
    /// Where it begins, in characters (Unicode scalar values) from 0.
    from: Long,
    /// Characters of the whole text.
    length: Long,
    /// Where to go on; null at the end.
    next: Option<Long>,
}

/// Reads a piece of a text.
pub async fn text(ctx: &Context<'_>, standing: &Standing, from: i64, length: i32) -> Result<Option<DocumentText>> {
    let Ok(from) = u64::try_from(from) else {
        return Err(Error::invalid(&["from"], "a text begins at 0").into());
    };
    let length = match u64::try_from(length) {
        Ok(wanted @ 1..) if length <= MOST => wanted,
        _ => return Err(Error::invalid(&["length"], format!("give 1 to {MOST} characters")).into()),
    };
    let Some(row) = &standing.extraction else { return Ok(None) };
    let Some(found) = extraction::excerpt(app(ctx)?, row, from, length).await? else { return Ok(None) };
    let long = |number: u64| Long(i64::try_from(number).unwrap_or(i64::MAX));
    let end = found.from.saturating_add(length);
    let next = (end < found.total).then(|| long(end));
    Ok(Some(DocumentText { text: found.text, from: long(found.from), length: long(found.total), next }))
}
