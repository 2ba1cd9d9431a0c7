//! Text and metadata of one file: its format decides the reader, the reader pours into a `Reading`.

mod alternatives;
pub(crate) mod archive;
mod attached;
mod charset;
mod epub;
mod html;
mod language;
mod mail;
mod msg;
mod odf;
mod office;
mod pdf;
mod plain;
mod rtf;
mod sink;
mod stated;
mod xml;

pub use sink::{Full, MAX_TEXT, Sink};

use crate::{
    Fault, Metadata, Outcome, Report, Source, VERSION,
    detect::{self, Family, Format},
    media,
};

/// What a reader fills.
#[derive(Debug, Default)]
pub struct Reading {
    pub sink: Sink,
    pub metadata: Metadata,
    /// The encoding the text was in, for plain text, HTML and mail.
    pub encoding: Option<String>,
    /// Much of the text could not be mapped to letters.
    pub is_poor: bool,
    pub needs_ocr: bool,
    /// How deep this file lies inside others: an attachment of a mail is at 1.
    pub depth: u8,
}

/// Why a reader stopped before the end.
#[derive(Debug)]
pub enum Stop {
    Full,
    Fault(Fault),
}

impl From<Full> for Stop {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Reads one file. It never fails: what went wrong is the report's outcome, and text read until then is kept.
pub fn read(source: &Source) -> (Report, String) {
    let format = detect::format(source);
    let mut reading = Reading::default();
    let ended = pour(source, format, &mut reading);
    report(format, reading, ended)
}

/// Reads one file into a reading that may hold others already; attachments come in here.
pub(crate) fn pour(source: &Source, format: Format, into: &mut Reading) -> Result<(), Stop> {
    match format {
        Format::Pdf => pdf::read(source, into),
        Format::Docx | Format::Xlsx | Format::Pptx | Format::Doc | Format::Xls | Format::Ppt => {
            office::read(source, format, into)
        }
        Format::SealedOffice => Err(Fault::encrypted().into()),
        Format::Odt | Format::Ods | Format::Odp => odf::read(source, format, into),
        Format::Epub => epub::read(source, into),
        Format::Rtf => rtf::read(source, into),
        Format::Html => html::read(source, into),
        Format::Eml => mail::read(source, into),
        Format::Msg => msg::read(source, into),
        Format::Text | Format::Markdown | Format::Csv | Format::Code | Format::Xml => plain::read(source, format, into),
        _ => media::read(source, format, into),
    }
}

/// Of sounds and films the container tells more than the bytes it was recognised by.
fn mime_type(format: Format, container: Option<&str>) -> &'static str {
    match (format, container) {
        (Format::Audio, Some("mp3")) => "audio/mpeg",
        (Format::Audio, Some("flac")) => "audio/flac",
        (Format::Audio, Some("ogg")) => "audio/ogg",
        (Format::Audio, Some("wav")) => "audio/wav",
        (Format::Audio, Some("aac")) => "audio/aac",
        (Format::Audio, Some("aiff")) => "audio/aiff",
        (Format::Audio, Some("mp4" | "mov")) => "audio/mp4",
        (Format::Video, Some("mp4")) => "video/mp4",
        (Format::Video, Some("mov")) => "video/quicktime",
        (Format::Video, Some("webm")) => "video/webm",
        (Format::Video, Some("matroska")) => "video/matroska",
        (Format::Video, Some("avi")) => "video/x-msvideo",
        _ => format.mime_type(),
    }
}

fn report(format: Format, reading: Reading, ended: Result<(), Stop>) -> (Report, String) {
    let is_empty = reading.sink.is_empty();
    let (outcome, detail) = match ended {
        // Pictures, sounds and films are read well without a word in them.
        Ok(()) if is_empty && matches!(format.family(), Family::Pdf | Family::Text) => (Outcome::Empty, None),
        Ok(()) => (Outcome::Ok, None),
        Err(Stop::Full) => (Outcome::Truncated, None),
        Err(Stop::Fault(fault)) => (fault.outcome, Some(fault.detail)),
    };
    let text = reading.sink.finish();
    let mut metadata = reading.metadata;
    metadata.language = metadata.language.or_else(|| language::detect(&text).map(str::to_owned));
    let report = Report {
        version: VERSION,
        outcome,
        mime_type: Some(mime_type(format, metadata.container.as_deref()).to_owned()),
        detail,
        encoding: reading.encoding,
        is_poor: reading.is_poor,
        needs_ocr: reading.needs_ocr,
        metadata,
    };
    (report, text)
}
