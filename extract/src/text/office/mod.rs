//! Documents of Microsoft's office: Word, Excel and PowerPoint, in packages of XML and in compound files.
//! A library reads them under strict limits; what it leaves out is read by the files beside this one.

use std::{io::Cursor, sync::Arc};

use office_oxide::{
    Document, DocumentFormat, OfficeError,
    options::{OnIncomplete, ParseOptions},
};

use super::{MAX_TEXT, Reading, Stop};
use crate::{Fault, Source, detect::Format};

/// Lets the library read the bytes without a copy.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

pub fn read(source: &Source, format: Format, into: &mut Reading) -> Result<(), Stop> {
    let kind = match format {
        Format::Docx => DocumentFormat::Docx,
        Format::Xlsx => DocumentFormat::Xlsx,
        Format::Pptx => DocumentFormat::Pptx,
        Format::Doc => DocumentFormat::Doc,
        Format::Xls => DocumentFormat::Xls,
        _ => DocumentFormat::Ppt,
    };
    let mut options = ParseOptions::strict();
    options.on_incomplete = OnIncomplete::Report;
    options.limits.text_chars = MAX_TEXT;
    let document = Document::from_reader_with(Cursor::new(Shared(source.bytes.clone())), kind, &options)
        .map_err(|error| fault(&error))?;
    let model = document.to_ir();
    into.sink.push(&document.plain_text())?;
    if model.metadata.text_truncated { Err(Stop::Full) } else { Ok(()) }
}

/// What a refusal of the library means.
fn fault(error: &OfficeError) -> Fault {
    use office_oxide::{doc::DocError, ppt::PptError, xls::XlsError};
    match error {
        OfficeError::Doc(DocError::Encrypted)
        | OfficeError::Ppt(PptError::Encrypted)
        | OfficeError::Xls(XlsError::Encrypted | XlsError::EncryptionNotSupported(_)) => Fault::encrypted(),
        other => Fault::malformed(other.to_string()),
    }
}
