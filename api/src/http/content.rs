//! Bytes of documents: downloads with ranges, PDFs, thumbnails, and the way on to the cloud's own download page.
//! Every address carries a ticket; what is answered is never shown as a page of ours.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{
        self, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
        IF_NONE_MATCH, LOCATION, RANGE,
    },
    web::{Data, Path},
};
use hawser_domain::{
    App, Error, content,
    entity::{content as row, document},
    providers::{ByteRange, Download},
    ticket::{self, Use},
};

use super::refusal;
use crate::transport::address;

/// Pixels on the longer side of the two sizes of thumbnails.
const SMALL: u32 = 128;
const LARGE: u32 = 512;

#[get("/content/{ticket}/download")]
pub async fn download(request: HttpRequest, ticket: Path<String>, app: Data<App>) -> HttpResponse {
    answer(streamed(&app, &request, &ticket, Use::Download).await)
}

#[get("/content/{ticket}/pdf")]
pub async fn pdf(request: HttpRequest, ticket: Path<String>, app: Data<App>) -> HttpResponse {
    answer(streamed(&app, &request, &ticket, Use::Pdf).await)
}

#[get("/content/{ticket}/redirect")]
pub async fn redirect(request: HttpRequest, ticket: Path<String>, app: Data<App>) -> HttpResponse {
    answer(redirected(&app, &request, &ticket).await)
}

#[get("/content/{ticket}/thumbnail")]
pub async fn thumbnail(request: HttpRequest, ticket: Path<String>, app: Data<App>) -> HttpResponse {
    answer(pictured(&app, &request, &ticket).await)
}

fn answer(outcome: Result<HttpResponse, Error>) -> HttpResponse {
    outcome.unwrap_or_else(|error| refusal::of(&error))
}

async fn opened(
    app: &App,
    request: &HttpRequest,
    text: &str,
    what: Use,
) -> Result<(document::Model, row::Model), Error> {
    let document = ticket::redeem(app, text, what, address(request)).await?;
    let content = content::of(app, document.id).await?.ok_or(Error::not_found("content"))?;
    Ok((document, content))
}

async fn streamed(app: &App, request: &HttpRequest, text: &str, what: Use) -> Result<HttpResponse, Error> {
    let (document, content) = opened(app, request, text, what).await?;
    let range = request.headers().get(RANGE).and_then(|value| value.to_str().ok()).and_then(read_range);
    let bytes = match what {
        Use::Pdf => content::pdf(app, &content).await?,
        _ => content::download(app, &content, range).await?,
    };
    Ok(stream(bytes, &document, what))
}

/// Hostile bytes stay harmless: an attachment, a type that is not guessed again, a sandbox without scripts.
fn stream(bytes: Download, document: &document::Model, what: Use) -> HttpResponse {
    let mut response = match bytes.status {
        206 => HttpResponse::PartialContent(),
        _ => HttpResponse::Ok(),
    };
    let mime = bytes.mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    let name = match what {
        Use::Pdf if !document.name.to_lowercase().ends_with(".pdf") => format!("{}.pdf", document.name),
        _ => document.name.clone(),
    };
    response
        .insert_header((CONTENT_TYPE, mime))
        .insert_header((CONTENT_DISPOSITION, disposition(&name)))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((CACHE_CONTROL, "private, no-store"));
    if what == Use::Download {
        response.insert_header((ACCEPT_RANGES, "bytes"));
    }
    if let Some(range) = bytes.content_range {
        response.insert_header((CONTENT_RANGE, range));
    }
    if let Some(length) = bytes.length {
        response.insert_header((CONTENT_LENGTH, length)).no_chunking(length);
    }
    response.streaming(bytes.body)
}

/// RFC 6266 with RFC 8187: an ASCII name for old clients, the true one for the rest.
fn disposition(name: &str) -> String {
    let ascii: String =
        name.chars().map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' { c } else { '_' }).collect();
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", encoded.replace('+', "%20"))
}

/// One range of bytes (RFC 9110 section 14.2). Several at once, or nonsense, are answered with the whole.
fn read_range(header: &str) -> Option<ByteRange> {
    let spec = header.strip_prefix("bytes=")?.trim();
    match spec.split_once('-')? {
        ("", last) => last.parse().ok().map(ByteRange::Suffix),
        (start, "") => Some(ByteRange::From { start: start.parse().ok()?, end: None }),
        (start, end) => {
            let (start, end) = (start.parse().ok()?, end.parse().ok()?);
            (start <= end).then_some(ByteRange::From { start, end: Some(end) })
        }
    }
}

/// The address comes from the cloud's own description of the file, never from the request.
async fn redirected(app: &App, request: &HttpRequest, text: &str) -> Result<HttpResponse, Error> {
    let (_, content) = opened(app, request, text, Use::Redirect).await?;
    let target = content::redirect_target(app, &content).await?;
    let target = target.ok_or_else(|| {
        Error::wrong_state("this file has no download address of its own at its cloud; download it through Hawser")
    })?;
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, target))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .finish())
}

async fn pictured(app: &App, request: &HttpRequest, text: &str) -> Result<HttpResponse, Error> {
    let document = ticket::redeem(app, text, Use::Thumbnail, address(request)).await?;
    let edge = if request.query_string() == "size=small" { SMALL } else { LARGE };
    let Some(shown) = content::thumbnail(app, document.id, edge).await? else {
        return Err(Error::not_found("thumbnail"));
    };
    let etag = format!("\"{}\"", shown.blob);
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, etag)).insert_header((CACHE_CONTROL, "private, max-age=600"));
    if known {
        return Ok(response.finish());
    }
    Ok(response
        .insert_header((CONTENT_TYPE, shown.mime_type))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(shown.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_nonsense_means_the_whole() {
        assert_eq!(read_range("bytes=0-499"), Some(ByteRange::From { start: 0, end: Some(499) }));
        assert_eq!(read_range("bytes=500-"), Some(ByteRange::From { start: 500, end: None }));
        assert_eq!(read_range("bytes=-5"), Some(ByteRange::Suffix(5)));
        for nonsense in ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=", "bytes=-"] {
            assert_eq!(read_range(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_hostile_name_cannot_leave_its_header() {
        let header = disposition("a\"b\r\nSet-Cookie: x=1 ü.pdf");
        assert!(!header.contains('\r') && !header.contains('\n'), "{header}");
        assert_eq!(header.matches('"').count(), 2, "{header}");
        assert!(header.contains("filename*=UTF-8''a%22b%0D%0ASet-Cookie"), "{header}");
    }
}
