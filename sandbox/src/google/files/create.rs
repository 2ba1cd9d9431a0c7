//! New files: by metadata alone, by copying, and the ids a client may ask for beforehand.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{DEFAULT, patch, render};
use crate::{
    call::Reply,
    google::{
        formats,
        refusal::Refusal,
        visit::{Answer, Visit},
        world::{FOLDER, SHORTCUT, file::Role, tree::Seedling},
    },
};

pub fn create(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let body = visit.body()?;
    let mask = visit.mask("File", DEFAULT)?;
    let file = plant(visit, &body, None)?;
    let body = render::file(visit.world, &visit.caller, &visit.call.base, file, &mask);
    Ok(Reply::json(200, &body))
}

/// Makes a file from metadata and, for uploads, its bytes with their type.
pub fn plant(visit: &mut Visit<'_>, body: &Value, media: Option<(Bytes, String)>) -> Result<usize, Refusal> {
    patch::check(body)?;
    let id = match patch::text(body, "id") {
        None => None,
        Some(id) if visit.world.file(id).is_some() => {
            let words = "A file already exists with the provided ID.";
            return Err(Refusal::new(409, "fileIdInUse", words));
        }
        Some(id) if !visit.world.promised_ids.contains(id) => {
            return Err(Refusal::new(400, "invalid", "The provided file ID is not usable."));
        }
        Some(id) => Some(id.to_owned()),
    };
    let parent = match patch::parent(visit, body)? {
        Some(parent) => parent,
        None => visit.world.users[visit.caller.user].root,
    };
    let (bytes, sent) = media.unzip();
    let asked = patch::text(body, "mimeType").map(str::to_owned);
    let sent = sent.filter(|mime| !mime.is_empty());
    let mime = asked.clone().or(sent.clone()).unwrap_or_else(|| "application/octet-stream".to_owned());
    let bytes = bytes.unwrap_or_default();
    let bytes = match sent.filter(|_| formats::is_document(&mime)) {
        Some(from) => formats::import(&from, &bytes),
        None => bytes,
    };
    room_for(visit, bytes.len())?;
    let target = shortcut_target(visit, body, &mime)?;
    if let Some(id) = &id {
        visit.world.promised_ids.remove(id);
    }
    let seed = Seedling {
        id,
        name: patch::text(body, "name").unwrap_or("Untitled").to_owned(),
        mime,
        parent,
        by: visit.caller.user,
        bytes,
        keep: visit.call.flag("keepRevisionForever", false),
        target,
        created: patch::time(body, "createdTime")?,
        modified: patch::time(body, "modifiedTime")?,
        app: Some(visit.caller.client.clone()),
    };
    let file = visit.world.create(seed);
    let mut rest = body.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.remove("name");
        fields.remove("modifiedTime");
    }
    patch::apply(visit, file, &rest)?;
    Ok(file)
}

/// Refuses what would not fit into the user's storage.
pub fn room_for(visit: &Visit<'_>, more: usize) -> Result<(), Refusal> {
    let Some(limit) = visit.world.limits.storage_limit_bytes else {
        return Ok(());
    };
    let world = &*visit.world;
    let used: u64 = world.owned(visit.caller.user).map(|at| render::quota_bytes(&world.files[at])).sum();
    if used + more as u64 > limit {
        return Err(Refusal::storage_full());
    }
    Ok(())
}

fn shortcut_target(visit: &Visit<'_>, body: &Value, mime: &str) -> Result<Option<usize>, Refusal> {
    if mime != SHORTCUT {
        return Ok(None);
    }
    let target = body.get("shortcutDetails").and_then(|details| patch::text(details, "targetId"));
    let target = target.ok_or_else(|| Refusal::bad_request("The shortcut target is missing."))?;
    let (at, _) = visit.find(target, true)?;
    if visit.world.files[at].mime == SHORTCUT {
        return Err(Refusal::new(403, "shortcutTargetInvalid", "The shortcut target is invalid."));
    }
    Ok(Some(at))
}

/// `files.copy`; a new MIME type of an editor converts.
pub fn copy(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let body = visit.body()?;
    let mask = visit.mask("File", DEFAULT)?;
    let (from, role) = visit.find(path[1], true)?;
    let it = visit.world.files[from].clone();
    if it.mime == FOLDER || (it.copy_restricted && role < Role::Writer) {
        let words = "This file cannot be copied by the user.";
        return Err(Refusal::new(403, "cannotCopyFile", words));
    }
    let mut meta = body;
    let fields = meta.as_object_mut().ok_or_else(Refusal::not_json)?;
    fields.entry("name").or_insert_with(|| json!(format!("Copy of {}", it.name)));
    fields.entry("mimeType").or_insert_with(|| json!(it.mime));
    if let Some(target) = it.target {
        let id = visit.world.files[target].id.clone();
        fields.insert("shortcutDetails".to_owned(), json!({"targetId": id}));
    }
    // Without a parent the copy stands beside the original, where the caller may write there.
    let beside = it.parent.filter(|parent| visit.world.role(visit.caller.user, *parent) >= Some(Role::Writer));
    if let Some(parent) = beside {
        fields.entry("parents").or_insert_with(|| json!([visit.world.files[parent].id]));
    }
    let file = plant(visit, &meta, Some((it.bytes(), it.mime.clone())))?;
    let body = render::file(visit.world, &visit.caller, &visit.call.base, file, &mask);
    Ok(Reply::json(200, &body))
}

pub fn generate_ids(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let mask = visit.mask("GeneratedIds", "*")?;
    let count = match visit.call.param("count") {
        None => 10,
        Some(text) => {
            let count: usize = text.parse().map_err(|_| Refusal::invalid("count"))?;
            if !(1..=1000).contains(&count) {
                return Err(Refusal::invalid("count"));
            }
            count
        }
    };
    let ids: Vec<String> = (0..count).map(|_| visit.world.ids.file()).collect();
    visit.world.promised_ids.extend(ids.iter().cloned());
    let space = visit.call.param("space").unwrap_or("drive");
    let body = json!({"kind": "drive#generatedIds", "space": space, "ids": ids});
    Ok(Reply::json(200, &mask.prune(body)))
}
