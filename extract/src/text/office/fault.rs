//! What the library's refusals mean for a reader: locked, too large, or broken.

use office_oxide::{
    OfficeError, core, doc::DocError, docx::DocxError, ppt::PptError, pptx::PptxError, xls::XlsError, xlsx::XlsxError,
};

use crate::{Fault, Outcome};

pub fn of(error: &OfficeError) -> Fault {
    match error {
        OfficeError::Doc(DocError::Encrypted)
        | OfficeError::Ppt(PptError::Encrypted)
        | OfficeError::Xls(XlsError::Encrypted | XlsError::EncryptionNotSupported(_)) => Fault::encrypted(),
        OfficeError::Core(inner)
        | OfficeError::Docx(DocxError::Core(inner))
        | OfficeError::Xlsx(XlsxError::Core(inner))
        | OfficeError::Pptx(PptxError::Core(inner)) => of_package(inner),
        OfficeError::Doc(DocError::UnsupportedVersion(_)) | OfficeError::Xls(XlsError::UnsupportedVersion(_)) => {
            Fault::new(Outcome::Unsupported, "the file is of a version that is not read")
        }
        OfficeError::UnsupportedFormat(why) if why.contains("encrypted") => Fault::encrypted(),
        _ => Fault::malformed("the file is broken, or not the kind of document it says it is"),
    }
}

fn of_package(error: &core::Error) -> Fault {
    match error {
        core::Error::DecompressionLimit { .. } | core::Error::PackageLimit(_) => {
            Fault::new(Outcome::TooLarge, "unpacked, the file is larger than what is read")
        }
        core::Error::Unsupported(why) if why.contains("encrypted") || why.contains("password") => Fault::encrypted(),
        core::Error::Zip(_) => Fault::malformed("the package is broken"),
        core::Error::MissingPart(_) => Fault::malformed("a part of the package is missing"),
        _ => Fault::malformed("a part of the package is broken"),
    }
}
