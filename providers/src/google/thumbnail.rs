//! The picture Drive draws of a file. Its link lives for hours and wants our token, so it never leaves this file.

use url::Url;

use super::call::{GET, HOSTS};
use super::{Google, listing, wire};
use crate::http::Whole;
use crate::{Access, CloudFile, Error, ErrorKind, Result, Thumbnail};

const MAX_BYTES: u64 = 5 * 1024 * 1024;

pub async fn thumbnail(google: &Google, access: &Access, file: &CloudFile, edge: u32) -> Result<Thumbnail> {
    let mut whole = look(google, access, file, edge).await?;
    if matches!(whole.status.as_u16(), 401 | 403 | 404) {
        // The link has aged between the two calls; a second one is fresh.
        whole = look(google, access, file, edge).await?;
    }
    if !whole.status.is_success() {
        let error = google.refusal(access, &whole).await.error;
        return Err(match error.kind {
            // The file itself was readable a moment ago: this says nothing about our token or our rights, only that Drive
            // promised a picture that it does not give.
            ErrorKind::AccessExpired | ErrorKind::NotFound | ErrorKind::Forbidden => {
                Error::new(ErrorKind::Unsupported, "the thumbnail's link does not open")
                    .with_status(whole.status.as_u16())
            }
            _ => error,
        });
    }
    let mime_type = whole.mime_type().unwrap_or_default();
    if !mime_type.starts_with("image/") || mime_type.contains("svg") || whole.body.is_empty() {
        return Err(Error::new(ErrorKind::Malformed, "the thumbnail is not a picture"));
    }
    Ok(Thumbnail { mime_type, bytes: whole.body })
}

async fn look(google: &Google, access: &Access, file: &CloudFile, edge: u32) -> Result<Whole> {
    let key = file.resource_key.as_deref();
    let answer: wire::ThumbnailLink = listing::file(google, access, &file.id, key, "thumbnailLink").await?;
    let link = answer.thumbnail_link.ok_or_else(|| Error::new(ErrorKind::Unsupported, "this file has no thumbnail"))?;
    let link = Url::parse(&sized(&link, edge))
        .map_err(|_| Error::new(ErrorKind::Malformed, "the thumbnail's link cannot be read"))?;
    let request = google.get(access, link, GET)?.within(google.api()?, HOSTS);
    google.http.fetch(request, MAX_BYTES).await
}

/// The link's tail is a size: `=s220`, or `=w200-h150` with further letters. One without such a tail is left alone.
fn sized(link: &str, edge: u32) -> String {
    let edge = edge.clamp(16, 1600);
    match link.rsplit_once('=') {
        Some((stem, tail)) if is_size(tail) => format!("{stem}=s{edge}"),
        _ => link.to_owned(),
    }
}

fn is_size(tail: &str) -> bool {
    let mut parts = tail.split('-');
    let sized = |part: &str| {
        part.strip_prefix(['s', 'w', 'h'])
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    parts.next().is_some_and(sized) && parts.all(|part| part.len() <= 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_at_the_end_of_a_link_is_exchanged_and_nothing_else() {
        assert_eq!(sized("https://lh3.example/abc=s220", 400), "https://lh3.example/abc=s400");
        assert_eq!(sized("https://lh3.example/abc=w200-h150-p", 400), "https://lh3.example/abc=s400");
        assert_eq!(sized("https://lh3.example/abc?x=1&sz=s220", 99_999), "https://lh3.example/abc?x=1&sz=s1600");
        assert_eq!(sized("https://lh3.example/abc=s220", 0), "https://lh3.example/abc=s16");
        assert_eq!(sized("https://docs.example/feeds?id=sabc", 400), "https://docs.example/feeds?id=sabc");
        assert_eq!(sized("https://lh3.example/abc", 400), "https://lh3.example/abc");
    }
}
