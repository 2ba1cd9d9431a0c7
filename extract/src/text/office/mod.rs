//! Documents of Microsoft's office: Word, Excel and PowerPoint, in packages of XML and in compound files.
//! A library reads them under strict limits into its model, which `model` writes out; `fault` tells what its refusals mean.

mod about;
mod fault;
mod missed;
mod model;
mod numbers;
mod objects;
mod parts;
mod records;
#[cfg(test)]
mod tests;

use std::{io::Cursor, sync::Arc};

use office_oxide::{
    Document, DocumentFormat,
    options::{OnIncomplete, ParseOptions},
};

use super::{MAX_TEXT, Reading, Stop};
use crate::{Outcome, Source, detect::Format};

/// Lets the library read the bytes without a copy.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// # Errors
/// `Full` when there is more text than is read, `encrypted`, `too large` and `malformed`.
pub fn read(source: &Source, format: Format, into: &mut Reading) -> Result<(), Stop> {
    let kind = match format {
        Format::Docx => DocumentFormat::Docx,
        Format::Xlsx => DocumentFormat::Xlsx,
        Format::Pptx => DocumentFormat::Pptx,
        Format::Doc => DocumentFormat::Doc,
        Format::Xls => DocumentFormat::Xls,
        _ => DocumentFormat::Ppt,
    };
    let bytes = Cursor::new(Shared(Arc::clone(&source.bytes)));
    let document = match Document::from_reader_with(bytes, kind, &options()) {
        Ok(document) => document,
        Err(error) => {
            let fault = fault::of(&error);
            return if fault.outcome == Outcome::Malformed {
                parts::read_all(source, fault, into)
            } else {
                Err(fault.into())
            };
        }
    };
    let model = document.to_ir();
    if into.depth == 0 {
        about::read(&source.bytes, format, &document, &mut into.metadata);
        into.metadata.pages = model::pages(&model, format).or(into.metadata.pages);
    }
    let before = into.sink.len();
    let is_sheets = matches!(format, Format::Xls | Format::Xlsx);
    let is_whole = match model.metadata.text_truncated && is_sheets {
        // The model fills every row up to the widest one, and gives up where that grows too large.
        true => model::write_plain(&document.plain_text(), &mut into.sink)?,
        false => {
            model::write(&model, format, &mut into.sink)?;
            !model.metadata.text_truncated
        }
    };
    drop((document, model));
    match format {
        Format::Docx | Format::Pptx | Format::Xlsx => parts::read_missed(source, before, into)?,
        Format::Xls => records::read_missed(source, before, into)?,
        _ => {}
    }
    objects::read(&source.bytes, format, into)?;
    if is_whole { Ok(()) } else { Err(Stop::Full) }
}

/// Strict limits. What can be read is taken even if something else in the file cannot be.
fn options() -> ParseOptions {
    let mut options = ParseOptions::strict();
    options.on_incomplete = OnIncomplete::Report;
    options.limits.text_chars = MAX_TEXT;
    // Sound sheets of equal rows pack better than a hundred to one; the limits of size hold against the others.
    options.limits.inflate_ratio = 500;
    options
}
