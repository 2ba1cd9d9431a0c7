//! What comes out of one file, in words that travel as JSON: how it ended, what it is, and what is known of it.
//! The text itself travels beside it.

use serde::{Deserialize, Serialize};

/// Moves whenever the readers got better: what failed under an older number may be tried again.
pub const VERSION: u32 = 1;

/// How reading a file ended. Closed: whoever shows one can show them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All of it was read.
    Ok,
    /// It was read up to a limit.
    Truncated,
    /// It was read, and the text that such files have is not in it: a scan, an empty file.
    Empty,
    /// It wants a password.
    Encrypted,
    /// Nothing here reads this kind of file.
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

impl Outcome {
    /// Whether the same file may end differently when it is read once more.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Timeout | Self::Oom | Self::Crashed)
    }
}

/// The header of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `VERSION` of the reader.
    pub version: u32,
    pub outcome: Outcome,
    /// What the bytes are, for people and operators: a MIME type.
    pub mime_type: Option<String>,
    /// Why it ended so, in one sentence without any of the file's own words.
    pub detail: Option<String>,
    /// The encoding the text was in, as in the WHATWG standard; for plain text, HTML and mail.
    pub encoding: Option<String>,
    /// Much of the text could not be mapped to letters.
    pub is_poor: bool,
    /// Pages are pictures: only character recognition would find text.
    pub needs_ocr: bool,
    pub metadata: Metadata,
}

/// What a file says of itself, under one set of names whatever its format. Absent means that it does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    pub title: Option<String>,
    pub author: Option<String>,
    pub subject: Option<String>,
    pub keywords: Vec<String>,
    /// When the document was made, by its own word; RFC 3339, without an offset where none is known.
    pub created_at: Option<String>,
    pub modified_at: Option<String>,
    /// Pages, slides or sheets.
    pub pages: Option<u32>,
    /// ISO 639-1, of the text where it is long enough to tell.
    pub language: Option<String>,
    /// Pixels as stored, before `orientation` is applied.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// 1 to 8 as in TIFF and EXIF.
    pub orientation: Option<u8>,
    /// When a picture or film was taken; RFC 3339, without an offset where none is known.
    pub taken_at: Option<String>,
    pub camera_make: Option<String>,
    pub camera_model: Option<String>,
    pub lens: Option<String>,
    /// Degrees, WGS 84; north and east are positive.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub duration_ms: Option<u64>,
    pub container: Option<String>,
    pub video_codec: Option<String>,
    pub audio_codec: Option<String>,
    /// Frames a second.
    pub frame_rate: Option<f64>,
    /// Bits a second.
    pub bitrate: Option<u64>,
    /// Hertz.
    pub sample_rate: Option<u32>,
    pub channels: Option<u8>,
    pub artist: Option<String>,
    pub album: Option<String>,
}
