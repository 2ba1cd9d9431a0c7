//! Every kind of file that is told apart, and what family it belongs to.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    Doc,
    Xls,
    Ppt,
    /// Office Open XML behind a password: an OLE file around an `EncryptedPackage`.
    SealedOffice,
    Odt,
    Ods,
    Odp,
    Epub,
    Rtf,
    Html,
    Eml,
    Msg,
    Text,
    Markdown,
    Csv,
    Code,
    Xml,
    Svg,
    Jpeg,
    Png,
    Gif,
    Webp,
    Tiff,
    Bmp,
    /// Any picture that only the general decoder knows: ICO, PNM, TGA.
    Raster,
    Heif,
    Avif,
    Psd,
    /// A camera's own format: CR2, NEF, ARW, DNG, RAF, ORF, RW2.
    Raw,
    /// Any sound file; the reader tells which.
    Audio,
    /// Any film; the reader tells which.
    Video,
    Archive,
    Unknown,
}

/// Which limits and which reader a format has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Pdf,
    /// Documents, mail and text.
    Text,
    Picture,
    Audio,
    Video,
    Other,
}

impl Format {
    pub fn family(self) -> Family {
        match self {
            Self::Pdf => Family::Pdf,
            Self::Docx | Self::Xlsx | Self::Pptx | Self::Doc | Self::Xls | Self::Ppt | Self::SealedOffice => {
                Family::Text
            }
            Self::Odt | Self::Ods | Self::Odp | Self::Epub | Self::Rtf | Self::Html | Self::Eml | Self::Msg => {
                Family::Text
            }
            Self::Text | Self::Markdown | Self::Csv | Self::Code | Self::Xml => Family::Text,
            Self::Svg | Self::Jpeg | Self::Png | Self::Gif | Self::Webp | Self::Tiff | Self::Bmp | Self::Raster => {
                Family::Picture
            }
            Self::Heif | Self::Avif | Self::Psd | Self::Raw => Family::Picture,
            Self::Audio => Family::Audio,
            Self::Video => Family::Video,
            Self::Archive | Self::Unknown => Family::Other,
        }
    }

    /// The MIME type of the format, or of its nearest kin.
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::SealedOffice => "application/x-ole-storage",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Epub => "application/epub+zip",
            Self::Rtf => "application/rtf",
            Self::Html => "text/html",
            Self::Eml => "message/rfc822",
            Self::Msg => "application/vnd.ms-outlook",
            Self::Text | Self::Code => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Csv => "text/csv",
            Self::Xml => "application/xml",
            Self::Svg => "image/svg+xml",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Heif => "image/heif",
            Self::Avif => "image/avif",
            Self::Psd => "image/vnd.adobe.photoshop",
            Self::Raw => "image/x-dcraw",
            Self::Archive => "application/zip",
            Self::Raster | Self::Audio | Self::Video | Self::Unknown => "application/octet-stream",
        }
    }
}
