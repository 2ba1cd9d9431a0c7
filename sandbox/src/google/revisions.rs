//! `revisions`: the past of a file. Pinning is one-way: only deleting a pinned revision frees it.

use serde_json::{Value, json};

use super::{
    files::{links, media as bytes, render},
    refusal::Refusal,
    visit::{Answer, Visit},
    world::{
        channel::FileNews,
        content::PIN_LIMIT,
        file::{Revision, Role},
    },
};
use crate::{call::Reply, clock::rfc3339};

const DEFAULT: &str = "kind,id,mimeType,modifiedTime";

/// The file, purged of what the vendor would not have any more. Its past is for writers.
fn open(visit: &mut Visit<'_>, id: &str) -> Result<usize, Refusal> {
    // Revision methods know no supportsAllDrives; shared drives are always in reach.
    let (file, role) = visit.find(id, false)?;
    let it = &visit.world.files[file];
    if role < Role::Writer {
        return Err(Refusal::forbidden(&it.id));
    }
    if it.head().is_none() {
        let words = "The file does not support revisions.";
        return Err(Refusal::new(403, "revisionsNotSupported", words));
    }
    visit.world.purge_revisions(file);
    Ok(file)
}

fn place(visit: &Visit<'_>, file: usize, id: &str) -> Result<usize, Refusal> {
    let revisions = &visit.world.files[file].revisions;
    let found = match id {
        "head" => revisions.len().checked_sub(1),
        id => revisions.iter().position(|revision| revision.id == id),
    };
    found.ok_or_else(|| Refusal::no_thing("Revision", id, "revisionId"))
}

fn show(visit: &Visit<'_>, file: usize, revision: &Revision) -> Value {
    let it = &visit.world.files[file];
    let mut body = json!({
        "kind": "drive#revision",
        "id": revision.id,
        "mimeType": revision.mime,
        "modifiedTime": rfc3339(revision.at),
        "published": false,
        "lastModifyingUser": render::user(visit.world, revision.by, visit.caller.user),
    });
    if it.is_blob() {
        body["keepForever"] = json!(revision.keep);
        body["size"] = json!(revision.blob.bytes.len().to_string());
        body["md5Checksum"] = json!(revision.blob.hashes().md5);
        body["originalFilename"] = json!(revision.original_name);
    } else {
        let links = links::exports(&visit.call.base, it, Some(&revision.id));
        if !links.is_null() {
            body["exportLinks"] = links;
        }
    }
    body
}

pub fn list(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("RevisionList", &format!("kind,nextPageToken,revisions({DEFAULT})"))?;
    let size = visit.page_size(200, 1000)?;
    let file = open(visit, path[1])?;
    let revisions = &visit.world.files[file].revisions;
    let start: usize = match visit.call.param("pageToken").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => {
            let after = revisions.iter().position(|revision| token == format!("~rev~{}", revision.id));
            after.ok_or_else(|| Refusal::invalid("pageToken"))?
        }
    };
    let end = (start + size).min(revisions.len());
    let items: Vec<Value> = revisions[start..end].iter().map(|one| show(visit, file, one)).collect();
    let mut body = json!({"kind": "drive#revisionList", "revisions": items});
    if let Some(next) = revisions.get(end) {
        body["nextPageToken"] = json!(format!("~rev~{}", next.id));
    }
    Ok(Reply::json(200, &mask.prune(body)))
}

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Revision", DEFAULT)?;
    let file = open(visit, path[1])?;
    let at = place(visit, file, path[3])?;
    let body = show(visit, file, &visit.world.files[file].revisions[at]);
    Ok(Reply::json(200, &mask.prune(body)))
}

/// Bytes of the head and of pinned revisions; others are documented as not downloadable.
pub fn media(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let file = open(visit, path[1])?;
    let at = place(visit, file, path[3])?;
    let it = &visit.world.files[file];
    let revision = &it.revisions[at];
    if !it.is_blob() {
        let words = "Only files with binary content can be downloaded. Use Export with Docs Editors files.";
        return Err(Refusal::new(403, "fileNotDownloadable", words).with_location("parameter", "alt"));
    }
    let head = at + 1 == it.revisions.len();
    let lenient = visit.world.limits.unpinned_revisions_downloadable == Some(true);
    if !head && !revision.keep && !lenient {
        let words = "This revision cannot be downloaded by the authenticated user.";
        return Err(Refusal::new(403, "download_restricted_for_revision", words));
    }
    Ok(bytes::bytes(visit.call, &revision.blob, &revision.mime))
}

pub fn update(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Revision", DEFAULT)?;
    let body = visit.body()?;
    let file = open(visit, path[1])?;
    let at = place(visit, file, path[3])?;
    let it = &visit.world.files[file];
    if let Some(keep) = body.get("keepForever").and_then(Value::as_bool) {
        let was = it.revisions[at].keep;
        if !it.is_blob() {
            let words = "Only revisions of files with binary content can be kept forever.";
            return Err(Refusal::bad_request(words));
        }
        if was && !keep {
            let words = "Bad Request. Cannot update a revision to false that is marked as keepForever.";
            return Err(Refusal::new(400, "illegalKeepForeverModification", words));
        }
        if keep && !was {
            if visit.world.pinned(file) >= PIN_LIMIT {
                let words = "The file has reached the limit of 200 revisions that are kept forever.";
                return Err(Refusal::new(403, "keepForeverRevisionLimitExceeded", words));
            }
            visit.world.alter(file, FileNews::Properties, |world| {
                world.files[file].revisions[at].keep = true;
            });
        }
    }
    let body = show(visit, file, &visit.world.files[file].revisions[at]);
    Ok(Reply::json(200, &mask.prune(body)))
}

pub fn delete(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let file = open(visit, path[1])?;
    let at = place(visit, file, path[3])?;
    let it = &visit.world.files[file];
    if !it.is_blob() {
        let words = "Revisions of Docs Editors files cannot be deleted.";
        return Err(Refusal::new(403, "revisionDeletionNotSupported", words));
    }
    if it.revisions.len() == 1 {
        let words = "The last remaining revision of a file cannot be deleted.";
        return Err(Refusal::new(403, "cannotDeleteOnlyRevision", words));
    }
    visit.world.alter(file, FileNews::Content, |world| {
        world.files[file].revisions.remove(at);
    });
    Ok(Reply::empty(204))
}
