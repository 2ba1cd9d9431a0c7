//! Long-running downloads: `files.download` opens an operation, the first look at it finds it done, its `downloadUri` gives the bytes.
//! They live a day and have no size limit.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    files::{export, media},
    formats,
    refusal::Refusal,
    visit::{Answer, Visit},
    world::file::{Blob, Role},
};
use crate::call::Reply;

const LIFE_MS: i64 = 24 * 3600 * 1000;

#[derive(Debug, Clone)]
struct Operation {
    user: usize,
    file: String,
    resource_key: Option<String>,
    mime: String,
    bytes: Bytes,
    partial: bool,
    expires: i64,
}

#[derive(Debug, Default)]
pub struct Operations {
    open: HashMap<String, Operation>,
}

pub fn start(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Operation", "*")?;
    let (file, role) = visit.find(path[1], false)?;
    let it = visit.world.files[file].clone();
    let wanted = visit.call.param("mimeType");
    let revision = visit.call.param("revisionId").filter(|id| !id.is_empty());
    let source = match revision {
        None => it.head(),
        Some(id) => Some(
            it.revisions
                .iter()
                .find(|revision| revision.id == id)
                .ok_or_else(|| Refusal::no_thing("Revision", id, "revisionId"))?,
        ),
    };
    let source = source.ok_or_else(|| Refusal::bad_request("This file has no content to download."))?;
    let (mime, bytes) = if it.is_blob() {
        media::allowed(&it, role)?;
        if wanted.is_some_and(|wanted| !wanted.is_empty() && wanted != source.mime) {
            return Err(Refusal::bad_request("The requested conversion is not supported."));
        }
        let old = revision.is_some_and(|id| it.head().is_some_and(|head| head.id != id));
        if old && !source.keep && visit.world.limits.unpinned_revisions_downloadable != Some(true) {
            let words = "This revision cannot be downloaded by the authenticated user.";
            return Err(Refusal::new(403, "download_restricted_for_revision", words));
        }
        if old && role < Role::Writer {
            return Err(Refusal::forbidden(&it.id));
        }
        (source.mime.clone(), source.blob.bytes.clone())
    } else {
        let wanted = wanted.filter(|wanted| !wanted.is_empty());
        let mime = wanted.or(formats::download_default(&it.mime)).unwrap_or_default();
        let mut then = it.clone();
        then.revisions = vec![source.clone()];
        let (mime, bytes) = export::convert(&then, role, mime)?;
        (mime.to_owned(), Bytes::from(bytes))
    };
    let id = visit.world.ids.opaque(48);
    let operation = Operation {
        user: visit.caller.user,
        file: it.id.clone(),
        resource_key: it.resource_key.clone(),
        mime,
        bytes,
        partial: it.is_blob(),
        expires: visit.world.now + LIFE_MS,
    };
    let body = json!({"name": id, "metadata": metadata(&operation)});
    visit.world.operations.open.insert(id, operation);
    Ok(Reply::json(200, &mask.prune(body)))
}

fn metadata(operation: &Operation) -> Value {
    let mut body = json!({"@type": "type.googleapis.com/google.apps.drive.v3.DownloadFileMetadata"});
    if let Some(key) = &operation.resource_key {
        body["resourceKey"] = json!(key);
    }
    body
}

fn find<'a>(visit: &'a Visit<'_>, name: &str) -> Result<&'a Operation, Refusal> {
    let now = visit.world.now;
    let known = visit.world.operations.open.get(name);
    let mine = known.filter(|known| known.user == visit.caller.user && known.expires > now);
    mine.ok_or_else(|| Refusal::no_thing("Operation", name, "name"))
}

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Operation", "*")?;
    let name = path.last().copied().unwrap_or_default();
    let operation = find(visit, name)?;
    let path = format!("/download/{name}?id={}", operation.file);
    let body = json!({
        "name": name,
        "done": true,
        "metadata": metadata(operation),
        "response": {
            "@type": "type.googleapis.com/google.apps.drive.v3.DownloadFileResponse",
            "downloadUri": visit.call.base.url("www.googleapis.com", &path),
            "partialDownloadAllowed": operation.partial,
        },
    });
    Ok(Reply::json(200, &mask.prune(body)))
}

/// The bytes behind a `downloadUri`: only for the user who asked for them.
pub fn download(visit: &mut Visit<'_>, name: &str) -> Answer {
    let operation = find(visit, name)?;
    let (file, _) = visit.find(&operation.file, false)?;
    let _ = file;
    Ok(media::bytes(visit.call, &Blob::new(operation.bytes.clone()), &operation.mime))
}
