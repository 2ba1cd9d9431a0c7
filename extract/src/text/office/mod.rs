//! Documents of Microsoft's office: Word, Excel and PowerPoint, in packages of XML and in compound files.
//! A library reads them under strict limits into its model, which `model` writes out; `fault` tells what its refusals mean.

mod fault;
mod model;

use std::{io::Cursor, sync::Arc};

use office_oxide::{
    Document, DocumentFormat,
    ir::Metadata,
    options::{OnIncomplete, ParseOptions},
};

use super::{MAX_TEXT, Reading, Stop, stated};
use crate::{Source, detect::Format};

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
    let document = Document::from_reader_with(bytes, kind, &options()).map_err(|error| fault::of(&error))?;
    let model = document.to_ir();
    drop(document);
    if into.depth == 0 {
        about(&model.metadata, into);
        if !matches!(format, Format::Doc | Format::Docx) {
            into.metadata.pages = u32::try_from(model.sections.len()).ok();
        }
    }
    model::write(&model, &mut into.sink)?;
    if model.metadata.text_truncated { Err(Stop::Full) } else { Ok(()) }
}

/// Strict limits. What can be read is taken even if something else in the file cannot be.
fn options() -> ParseOptions {
    let mut options = ParseOptions::strict();
    options.on_incomplete = OnIncomplete::Report;
    options.limits.text_chars = MAX_TEXT;
    options
}

fn about(said: &Metadata, into: &mut Reading) {
    let text = |value: &Option<String>| value.as_deref().and_then(stated::text);
    let date = |value: &Option<String>| value.as_deref().and_then(stated::date);
    let about = &mut into.metadata;
    about.title = text(&said.title);
    about.author = text(&said.author);
    about.subject = text(&said.subject);
    about.keywords = stated::keywords(&said.keywords.join(","));
    about.created_at = date(&said.created);
    about.modified_at = date(&said.modified);
}
