//! Uploads: `media` (bytes only), `multipart` (metadata and bytes), `resumable` (a session that takes bytes in pieces).

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::{DEFAULT, create, multipart, render, update};
use crate::{
    call::Reply,
    google::{
        refusal::Refusal,
        visit::{Answer, Visit},
    },
};

const SESSION_LIFE_MS: i64 = 7 * 24 * 3600 * 1000;
const PIECE: usize = 256 * 1024;

#[derive(Debug)]
struct Session {
    user: usize,
    meta: Value,
    mime: String,
    /// The file to write to; none makes a new one.
    target: Option<String>,
    query: Vec<(String, String)>,
    received: BytesMut,
    total: Option<usize>,
    expires: i64,
    done: Option<Reply>,
}

#[derive(Debug, Default)]
pub struct Uploads {
    sessions: HashMap<String, Session>,
}

pub fn create(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    begin(visit, None)
}

pub fn update(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    begin(visit, Some(path[1]))
}

fn begin(visit: &mut Visit<'_>, target: Option<&str>) -> Answer {
    let content_type = visit.call.header("content-type").unwrap_or_default().to_owned();
    match visit.call.param("uploadType") {
        Some("media") => finish(visit, target, &json!({}), visit.call.body.clone(), content_type),
        Some("multipart") => {
            let boundary = multipart::boundary(&content_type);
            let parts = boundary.and_then(|boundary| multipart::parts(&visit.call.body, &boundary));
            let parts = parts.ok_or_else(|| Refusal::bad_request("Malformed multipart body."))?;
            let [meta, media] = parts.as_slice() else {
                return Err(Refusal::bad_request("Malformed multipart body."));
            };
            let mime = media.header("content-type").unwrap_or_default().to_owned();
            let meta: Value = serde_json::from_slice(&meta.body).map_err(|_| Refusal::not_json())?;
            let bytes = match media.header("content-transfer-encoding") {
                Some(encoding) if encoding.eq_ignore_ascii_case("base64") => decode(&media.body)?,
                _ => media.body.clone(),
            };
            finish(visit, target, &meta, bytes, mime)
        }
        Some("resumable") => open(visit, target),
        _ => Err(Refusal::bad_request("Invalid upload type.").with_location("parameter", "uploadType")),
    }
}

fn decode(text: &[u8]) -> Result<Bytes, Refusal> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed);
    bytes.map(Bytes::from).map_err(|_| Refusal::bad_request("Malformed base64 body."))
}

fn finish(visit: &mut Visit<'_>, target: Option<&str>, meta: &Value, bytes: Bytes, mime: String) -> Answer {
    match target {
        Some(id) => update::change(visit, id, meta, Some((bytes, mime))),
        None => {
            let mask = visit.mask("File", DEFAULT)?;
            let file = create::plant(visit, meta, Some((bytes, mime)))?;
            let body = render::file(visit.world, &visit.caller, &visit.call.base, file, &mask);
            Ok(Reply::json(200, &body))
        }
    }
}

fn open(visit: &mut Visit<'_>, target: Option<&str>) -> Answer {
    let meta = visit.body()?;
    visit.mask("File", DEFAULT)?;
    super::patch::check(&meta)?;
    // What would be refused at the end is refused before any byte is sent.
    match target {
        Some(id) => drop(visit.find_as(id, crate::google::world::file::Role::Writer)?),
        None => drop(super::patch::parent(visit, &meta)?),
    }
    let header = |name: &str| visit.call.header(name);
    let total = header("x-upload-content-length").and_then(|text| text.parse().ok());
    create::room_for(visit, total.unwrap_or(0))?;
    let session = Session {
        user: visit.caller.user,
        meta,
        mime: header("x-upload-content-type").unwrap_or_default().to_owned(),
        target: target.map(str::to_owned),
        query: visit.call.query.clone(),
        received: BytesMut::new(),
        total,
        expires: visit.world.now + SESSION_LIFE_MS,
        done: None,
    };
    let id = visit.world.ids.opaque(64);
    visit.world.uploads.sessions.insert(id.clone(), session);
    let path = format!("{}?uploadType=resumable&upload_id={id}", visit.call.path);
    Ok(Reply::empty(200)
        .with("Location", visit.call.base.url("www.googleapis.com", &path))
        .with("X-GUploader-UploadID", id))
}

pub fn resume(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let (user, now) = (visit.caller.user, visit.world.now);
    let id = visit.call.param("upload_id").unwrap_or_default().to_owned();
    let session = visit.world.uploads.sessions.get_mut(&id);
    let Some(session) = session.filter(|session| session.user == user && session.expires > now) else {
        return Err(Refusal::new(404, "notFound", "Upload session not found."));
    };
    if let Some(reply) = &session.done {
        return Ok(reply.clone());
    }
    let body = &visit.call.body;
    let range = visit.call.header("content-range").map(content_range);
    let (first, total) = match range {
        None => (Some(0), Some(body.len())),
        Some(Some((first, total))) => (first, total),
        Some(None) => {
            return Err(Refusal::bad_request("Failed to parse Content-Range header."));
        }
    };
    session.total = total.or(session.total);
    if let Some(first) = first {
        let last_piece = session.total.is_some_and(|total| first + body.len() >= total);
        if first > session.received.len() || (!last_piece && !body.len().is_multiple_of(PIECE)) {
            return Err(Refusal::bad_request(
                "Invalid request. The number of bytes uploaded is not a multiple of 262144 or leaves a gap.",
            ));
        }
        session.received.truncate(first);
        session.received.extend_from_slice(body);
    }
    if session.total != Some(session.received.len()) {
        return Ok(position(session.received.len()));
    }
    let bytes = std::mem::take(&mut session.received).freeze();
    let (meta, mime, target) = (session.meta.clone(), session.mime.clone(), session.target.clone());
    // The parameters of the opening request hold for the whole session.
    let call = crate::call::Call { query: session.query.clone(), ..visit.call.clone() };
    let caller = visit.caller.clone();
    let mut opened = Visit { world: visit.world, call: &call, caller };
    let reply = finish(&mut opened, target.as_deref(), &meta, bytes, mime)?;
    if let Some(session) = visit.world.uploads.sessions.get_mut(&id) {
        session.done = Some(reply.clone());
    }
    Ok(reply)
}

/// How far an unfinished upload has come.
fn position(received: usize) -> Reply {
    let reply = Reply::empty(308);
    match received {
        0 => reply,
        received => reply.with("Range", format!("bytes=0-{}", received - 1)),
    }
}

/// `bytes first-last/total`; `*` for either side.
fn content_range(text: &str) -> Option<(Option<usize>, Option<usize>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    if range == "*" {
        return Some((None, total));
    }
    let (first, _) = range.split_once('-')?;
    Some((Some(first.parse().ok()?), total))
}

pub fn cancel(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let id = visit.call.param("upload_id").unwrap_or_default();
    match visit.world.uploads.sessions.remove(id) {
        Some(_) => Ok(Reply::empty(499)),
        None => Err(Refusal::new(404, "notFound", "Upload session not found.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_name_a_start_and_a_total_or_neither() {
        assert_eq!(content_range("bytes 0-99/200"), Some((Some(0), Some(200))));
        assert_eq!(content_range("bytes 100-199/*"), Some((Some(100), None)));
        assert_eq!(content_range("bytes */200"), Some((None, Some(200))));
        assert_eq!(content_range("0-1/2"), None);
    }
}
