//! Bytes on their way to the reader: in a private file that has no name, so that nothing stays behind whatever happens.

use std::{fs::File, io::Write as _, os::fd::AsRawFd};

use futures::TryStreamExt;
use hawser_entity::{content, extraction::Outcome};
use hawser_providers::{CloudFile, Download, ErrorKind};
use sha2::{Digest, Sha256};

use crate::{App, Error, Result, connection as connections, content as contents};

/// Bytes of a file that is still read. PDFs are large more often, and cheaper to read.
const MAX_BYTES: u64 = 100 << 20;
const MAX_PDF_BYTES: u64 = 200 << 20;

/// Forms a native document is read in, the best first. Plain text is not among them where it would leave out notes or
/// all sheets but the first.
const FORMS: &[(&str, &[&str])] = &[
    ("application/vnd.google-apps.document", &[DOCX, TEXT, PDF]),
    ("application/vnd.google-apps.spreadsheet", &[XLSX, PDF]),
    ("application/vnd.google-apps.presentation", &[PPTX, TEXT, PDF]),
];
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const TEXT: &str = "text/plain";
const PDF: &str = "application/pdf";

/// The bytes of a content, or why they are not had.
pub enum Bytes {
    Here(Spooled),
    Refused(Outcome),
}

/// Bytes in a file that ends with its last descriptor.
pub struct Spooled {
    file: File,
    /// SHA-256 in lower-case hex.
    pub hash: String,
    /// What the cloud calls the form they are in.
    pub mime_type: String,
}

impl Spooled {
    /// Bytes that are here already.
    pub fn of(app: &App, bytes: &[u8], mime_type: &str) -> Result<Self> {
        let mut file = nameless(app)?;
        file.write_all(bytes).map_err(broken)?;
        Ok(Self { file, hash: hex::encode(Sha256::digest(bytes)), mime_type: mime_type.to_owned() })
    }

    /// Another descriptor of the file, at its beginning, that cannot write.
    pub fn reader(&self) -> Result<File> {
        File::open(format!("/proc/self/fd/{}", self.file.as_raw_fd())).map_err(broken)
    }
}

/// Downloads a content, or exports it where it has no bytes of its own. No size that a cloud tells is believed.
///
/// # Errors
/// Those of `connection::call`; passing trouble is one, a file that is too large or forbidden is not.
pub async fn fetch(app: &App, content: &content::Model) -> Result<Bytes> {
    let file = contents::described(content)?;
    let most = if content.mime_type == PDF { MAX_PDF_BYTES } else { MAX_BYTES };
    if file.size.is_some_and(|size| size > most) {
        return Ok(Bytes::Refused(Outcome::TooLarge));
    }
    if !file.can_download || file.is_folder {
        return Ok(Bytes::Refused(Outcome::Unsupported));
    }
    let (download, mime_type) = match open(app, content, &file).await {
        Ok(opened) => opened,
        Err(Error::Cloud(error)) => {
            return match error.kind {
                ErrorKind::Unsupported | ErrorKind::Forbidden => Ok(Bytes::Refused(Outcome::Unsupported)),
                ErrorKind::TooLarge => Ok(Bytes::Refused(Outcome::TooLarge)),
                _ => Err(Error::Cloud(error)),
            };
        }
        Err(error) => return Err(error),
    };
    write(app, download, mime_type, most).await
}

async fn open(app: &App, content: &content::Model, file: &CloudFile) -> Result<(Download, String)> {
    if !file.is_native {
        let download = connections::call(app, content.connection_id, |cloud, access| {
            let file = file.clone();
            async move { cloud.download(&access, &file, None).await }
        });
        return Ok((download.await?, file.mime_type.clone()));
    }
    let form = form_of(file);
    let download = connections::call(app, content.connection_id, |cloud, access| {
        let file = file.clone();
        async move { cloud.export(&access, &file, form).await }
    });
    Ok((download.await?, form.to_owned()))
}

fn form_of(file: &CloudFile) -> &'static str {
    let offered = |form: &&&str| file.export_types.is_empty() || file.export_types.iter().any(|known| known == **form);
    let wanted =
        FORMS.iter().find(|(kind, _)| *kind == file.mime_type).map_or([PDF, TEXT].as_slice(), |(_, forms)| forms);
    wanted.iter().find(offered).copied().unwrap_or(PDF)
}

async fn write(app: &App, mut download: Download, mime_type: String, most: u64) -> Result<Bytes> {
    let mut file = nameless(app)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    while let Some(piece) = download.body.try_next().await.map_err(Error::Cloud)? {
        size += piece.len() as u64;
        if size > most {
            return Ok(Bytes::Refused(Outcome::TooLarge));
        }
        hash.update(&piece);
        // Pieces are small and go to the page cache: another thread would cost more than the write.
        file.write_all(&piece).map_err(broken)?;
    }
    Ok(Bytes::Here(Spooled { file, hash: hex::encode(hash.finalize()), mime_type }))
}

fn nameless(app: &App) -> Result<File> {
    tempfile::tempfile_in(&app.config.data).map_err(broken)
}

fn broken(error: std::io::Error) -> Error {
    Error::Internal(format!("the data folder cannot hold a file to be read: {error}"))
}
