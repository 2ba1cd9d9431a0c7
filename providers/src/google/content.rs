//! Bytes: of files as they are stored, of native documents in another form.

use std::time::Duration;

use http::{Method, header};
use url::Url;

use super::call::{DOWNLOAD, GET, HOSTS, resource_keys, with_resource_keys};
use super::{Google, wire};
use crate::http::{Answer, Request, mime_type, scrub};
use crate::{Access, ByteRange, CloudFile, Download, Error, ErrorKind, Result, Retry};

const PDF: &str = "application/pdf";
const TEXT: &str = "text/plain";

/// Waits between looks at a long-running export: at once, then slower, five minutes in all.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const SLOWEST_LOOK: Duration = Duration::from_secs(10);
const LAST_LOOK: Duration = Duration::from_secs(300);

pub async fn download(
    google: &Google,
    access: &Access,
    file: &CloudFile,
    range: Option<ByteRange>,
) -> Result<Download> {
    if file.is_native || file.is_folder || file.shortcut.is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "only files with bytes of their own can be downloaded"));
    }
    let url = google.url(&["drive", "v3", "files", &file.id], &[("alt", "media"), ("supportsAllDrives", "true")])?;
    bytes(google, access, with_keys(google.get(access, url, DOWNLOAD)?, file)?, range).await
}

pub async fn revision(google: &Google, access: &Access, file_id: &str, revision: &str) -> Result<Download> {
    let url = google.url(&["drive", "v3", "files", file_id, "revisions", revision], &[("alt", "media")])?;
    bytes(google, access, google.get(access, url, DOWNLOAD)?, None).await
}

/// By way of `files.export`, and past its ten megabytes by way of a long-running `files.download`.
pub async fn export(google: &Google, access: &Access, file: &CloudFile, mime: &str) -> Result<Download> {
    if !file.is_native {
        return Err(Error::new(ErrorKind::Unsupported, "only native documents are exported; download this file"));
    }
    if !file.export_types.is_empty() && !file.export_types.iter().any(|known| known == mime) {
        return Err(Error::new(ErrorKind::Unsupported, format!("this document cannot be exported as {}", scrub(mime))));
    }
    if file.mime_type == wire::VIDEO_EDITOR {
        return long_export(google, access, file, mime).await;
    }
    let url = google.url(&["drive", "v3", "files", &file.id, "export"], &[("mimeType", mime)])?;
    match bytes(google, access, with_keys(google.get(access, url, DOWNLOAD)?, file)?, None).await {
        Err(error) if error.kind == ErrorKind::TooLarge => long_export(google, access, file, mime).await,
        result => result,
    }
}

pub async fn pdf(google: &Google, access: &Access, file: &CloudFile) -> Result<Download> {
    match (file.is_native, file.mime_type.as_str()) {
        (true, _) => export(google, access, file, PDF).await,
        (false, PDF) => download(google, access, file, None).await,
        _ => Err(Error::new(ErrorKind::Unsupported, "Drive makes PDF of native documents only")),
    }
}

/// A spreadsheet has no text form: CSV is its first sheet only, and half a text is worse than none.
pub async fn text(google: &Google, access: &Access, file: &CloudFile) -> Result<Download> {
    match file.mime_type.as_str() {
        "application/vnd.google-apps.document" | "application/vnd.google-apps.presentation" => {
            export(google, access, file, TEXT).await
        }
        _ => Err(Error::new(ErrorKind::Unsupported, "Drive makes text of native documents and presentations only")),
    }
}

async fn bytes(google: &Google, access: &Access, request: Request, range: Option<ByteRange>) -> Result<Download> {
    let request = request.identity();
    let request = match range {
        Some(range) => request.header("range", &range_value(range)?)?,
        None => request,
    };
    Ok(downloaded(google.open(access, request).await?))
}

fn downloaded(answer: Answer) -> Download {
    Download {
        status: answer.status.as_u16(),
        mime_type: mime_type(&answer.headers),
        length: answer.length(),
        content_range: answer
            .headers
            .get(header::CONTENT_RANGE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        body: answer.into_stream(),
    }
}

fn range_value(range: ByteRange) -> Result<String> {
    match range {
        ByteRange::From { start, end: Some(end) } if end < start => {
            Err(Error::new(ErrorKind::RangeNotSatisfiable, "the range ends before it begins"))
        }
        ByteRange::From { start, end: Some(end) } => Ok(format!("bytes={start}-{end}")),
        ByteRange::From { start, end: None } => Ok(format!("bytes={start}-")),
        ByteRange::Suffix(count) => Ok(format!("bytes=-{count}")),
    }
}

async fn long_export(google: &Google, access: &Access, file: &CloudFile, mime: &str) -> Result<Download> {
    let url = google.url(&["drive", "v3", "files", &file.id, "download"], &[("mimeType", mime)])?;
    let request = with_keys(google.request(Method::POST, access, url, DOWNLOAD)?.body("application/json", ""), file)?;
    let mut operation: wire::Operation = google.json(access, request).await?;
    let name = operation.name.clone();
    let clock = google.http.pacing().clock().clone();
    let (mut waited, mut wait) = (Duration::ZERO, FIRST_LOOK);
    while operation.done != Some(true) {
        if waited >= LAST_LOOK {
            return Err(Error::new(ErrorKind::Unavailable, "the export is not ready yet")
                .with_retry(Retry::After(Duration::from_secs(60))));
        }
        clock.sleep(wait).await;
        waited += wait;
        wait = (wait * 2).min(SLOWEST_LOOK);
        let name = name.as_deref().ok_or_else(|| malformed("an export without a name to ask for"))?;
        let name = name.strip_prefix("operations/").unwrap_or(name);
        let url = google.url(&["drive", "v3", "operations", name], &[])?;
        operation = google.json(access, google.get(access, url, GET)?).await?;
    }
    if let Some(error) = operation.error {
        let words = scrub(&error.message.unwrap_or_default());
        return Err(Error::new(operation_error(error.code), format!("the export failed: {words}")));
    }
    let link = operation.response.and_then(|response| response.download_uri);
    let link = link.ok_or_else(|| malformed("a finished export without a link"))?;
    let link = Url::parse(&link).map_err(|_| malformed("a finished export with an unreadable link"))?;
    let request = google.get(access, link, DOWNLOAD)?.within(google.api()?, HOSTS);
    bytes(google, access, with_keys(request, file)?, None).await
}

/// The codes of google.rpc.Code.
fn operation_error(code: Option<i32>) -> ErrorKind {
    match code {
        Some(3 | 9 | 12) => ErrorKind::Unsupported,
        Some(5) => ErrorKind::NotFound,
        Some(7) => ErrorKind::Forbidden,
        Some(8) => ErrorKind::RateLimited,
        Some(16) => ErrorKind::AccessExpired,
        _ => ErrorKind::Unavailable,
    }
}

fn with_keys(request: Request, file: &CloudFile) -> Result<Request> {
    with_resource_keys(request, resource_keys([(file.id.as_str(), file.resource_key.as_deref())].into_iter()))
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_the_standard_has_them() {
        let value = |range| range_value(range).expect("a range");
        assert_eq!(value(ByteRange::From { start: 0, end: Some(0) }), "bytes=0-0");
        assert_eq!(value(ByteRange::From { start: 5, end: None }), "bytes=5-");
        assert_eq!(value(ByteRange::Suffix(9)), "bytes=-9");
        let backwards = range_value(ByteRange::From { start: 5, end: Some(4) });
        assert_eq!(backwards.expect_err("backwards").kind, ErrorKind::RangeNotSatisfiable);
    }
}
