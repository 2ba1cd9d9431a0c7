//! Many files in one call: a `multipart/mixed` of small HTTP requests (Drive guide, "Send a batch request").

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};

use super::call::{GET, is_token, resource_keys};
use super::{Google, listing, wire};
use crate::http::Whole;
use crate::{Access, CloudFile, Error, ErrorKind, Result};

const MAX_PARTS: usize = 100;
/// Every part is made of checked ids, so no part can contain it.
const BOUNDARY: &str = "hawser_batch_3f1c9e0b7a54";

type Wanted = (String, Option<String>);

pub async fn files(google: &Google, access: &Access, wanted: &[Wanted]) -> Result<Vec<Result<CloudFile>>> {
    let mut found = Vec::with_capacity(wanted.len());
    for chunk in wanted.chunks(MAX_PARTS) {
        let mut parts = match chunk {
            // A batch of one costs the same and says less about what went wrong.
            [_] => vec![None],
            _ if !chunk.iter().any(|(id, _)| is_token(id)) => vec![None; chunk.len()],
            _ => send(google, access, chunk).await?,
        };
        for (slot, (id, key)) in parts.iter_mut().zip(chunk) {
            found.push(match slot.take() {
                Some(whole) => read(google, access, &whole).await,
                None => listing::file::<wire::File>(google, access, id, key.as_deref(), wire::FILE)
                    .await
                    .map(CloudFile::from),
            });
        }
    }
    Ok(found)
}

/// One answer per id, in the order asked; `None` where the cloud left one out.
async fn send(google: &Google, access: &Access, wanted: &[Wanted]) -> Result<Vec<Option<Whole>>> {
    let body = request_body(google, wanted)?;
    let units = GET * u32::try_from(wanted.len()).unwrap_or(u32::MAX / GET);
    let request = google
        .request(Method::POST, access, google.url(&["batch", "drive", "v3"], &[])?, units)?
        .header("content-type", &format!("multipart/mixed; boundary={BOUNDARY}"))?
        .raw_body(body);
    let whole = google.fetch(access, request).await?;
    let boundary = boundary(&whole.headers)
        .ok_or_else(|| Error::new(ErrorKind::Malformed, "a batch answer that is not multipart/mixed"))?;
    let mut answers = vec![None; wanted.len()];
    for (index, answer) in parts(&whole.body, &boundary) {
        if let Some(slot) = answers.get_mut(index) {
            *slot = Some(answer);
        }
    }
    Ok(answers)
}

fn request_body(google: &Google, wanted: &[Wanted]) -> Result<String> {
    let mut body = String::new();
    for (index, (id, key)) in wanted.iter().enumerate() {
        if !is_token(id) {
            // Left out of the batch; the single get that follows gives this id its own error.
            continue;
        }
        let query = [("fields", wire::FILE), ("supportsAllDrives", "true")];
        let url = google.url(&["drive", "v3", "files", id], &query)?;
        let query = url.query().unwrap_or_default();
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <item-{index}>\r\n\r\n\
             GET {}?{query} HTTP/1.1\r\n",
            url.path()
        ));
        if let Some(keys) = resource_keys([(id.as_str(), key.as_deref())].into_iter()) {
            body.push_str(&format!("X-Goog-Drive-Resource-Keys: {keys}\r\n"));
        }
        body.push_str("\r\n\r\n");
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    Ok(body)
}

async fn read(google: &Google, access: &Access, whole: &Whole) -> Result<CloudFile> {
    if whole.status.is_success() {
        return whole.json::<wire::File>().map(Into::into);
    }
    Err(google.refusal(access, whole).await.error)
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (mime, parameters) = value.split_once(';')?;
    if !mime.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The inner answers with the index their `Content-ID` names. Parts that cannot be read are left out.
fn parts(body: &[u8], boundary: &str) -> Vec<(usize, Whole)> {
    let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
    let text = format!("\n{text}");
    text.split(&format!("\n--{boundary}")).skip(1).filter_map(part).collect()
}

fn part(text: &str) -> Option<(usize, Whole)> {
    // What follows the closing delimiter's `--` is no part.
    let text = text.strip_prefix('\n')?;
    let (outer, inner) = text.split_once("\n\n")?;
    let (head, body) = inner.trim_start().split_once("\n\n").unwrap_or((inner.trim(), ""));
    let mut lines = head.lines();
    let status = lines.next()?.split_whitespace().nth(1)?;
    let mut headers = HeaderMap::new();
    for line in lines {
        if let Some((name, value)) = line.split_once(':')
            && let (Ok(name), Ok(value)) = (name.trim().parse::<header::HeaderName>(), value.trim().parse())
        {
            headers.insert(name, value);
        }
    }
    let whole = Whole {
        status: StatusCode::from_bytes(status.as_bytes()).ok()?,
        headers,
        body: Bytes::copy_from_slice(body.trim_end().as_bytes()),
    };
    Some((content_index(outer)?, whole))
}

/// `Content-ID: <response-item-7>` names part 7.
fn content_index(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("content-id") {
            return None;
        }
        let (_, index) = value.trim().trim_matches(['<', '>']).rsplit_once("item-")?;
        index.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::google::call::Refusal;

    const ANSWER: &str = "--batch_x\r\nContent-Type: application/http\r\nContent-ID: <response-item-1>\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{\r\n \"id\": \"b\"\r\n}\r\n\
        --batch_x\r\nContent-Type: application/http\r\nContent-ID: <response-item-0>\r\n\r\n\
        HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n\
        {\"error\":{\"code\":404,\"message\":\"File not found: a.\",\"errors\":[{\"reason\":\"notFound\"}]}}\r\n\
        --batch_x--\r\n";

    #[test]
    fn parts_are_told_apart_by_their_content_id_not_their_order() {
        for text in [ANSWER.to_owned(), ANSWER.replace("\r\n", "\n")] {
            let parts = parts(text.as_bytes(), "batch_x");
            assert_eq!(parts.len(), 2);
            assert_eq!(parts[0].0, 1);
            let file: CloudFile = parts[0].1.json::<wire::File>().expect("a file").into();
            assert_eq!(file.id, "b");
            assert_eq!(parts[1].0, 0);
            assert_eq!(Refusal::read(&parts[1].1).error.kind, ErrorKind::NotFound);
        }
    }

    #[test]
    fn a_truncated_answer_loses_a_part_and_no_more() {
        let cut = &ANSWER[..ANSWER.len() - 80];
        let parts = parts(cut.as_bytes(), "batch_x");
        assert_eq!(parts[0].0, 1);
        assert_eq!(parts[1].1.status, 404);
        assert!(super::parts(b"<html>sorry</html>", "batch_x").is_empty());
        assert!(super::parts(b"", "batch_x").is_empty());
    }

    #[test]
    fn boundaries_are_read_quoted_and_bare_and_only_from_multipart() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(value));
            boundary(&headers)
        };
        assert_eq!(of("multipart/mixed; boundary=batch_x").as_deref(), Some("batch_x"));
        assert_eq!(of("Multipart/Mixed; charset=UTF-8; Boundary=\"==a=b==\"").as_deref(), Some("==a=b=="));
        assert_eq!(of("text/html; boundary=x"), None);
        assert_eq!(of("multipart/mixed"), None);
    }
}
