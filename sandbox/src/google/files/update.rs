//! `files.update`: metadata, place (`addParents`, `removeParents`), trash; with an upload also content.

use bytes::Bytes;
use serde_json::Value;

use super::{DEFAULT, create, patch, render};
use crate::{
    call::Reply,
    google::{
        formats,
        refusal::Refusal,
        scopes,
        visit::{Answer, Visit},
        world::file::Role,
    },
};

pub fn update(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let body = visit.body()?;
    change(visit, path[1], &body, None)
}

/// Applies all of it or, when something is refused, nothing.
pub fn change(visit: &mut Visit<'_>, id: &str, body: &Value, media: Option<(Bytes, String)>) -> Answer {
    let mask = visit.mask("File", DEFAULT)?;
    patch::check(body)?;
    let (file, role) = visit.find(id, true)?;
    // Stars and views are the viewer's own.
    let own = |name: &String| name == "starred" || name == "viewedByMeTime";
    let only_own = media.is_none() && body.as_object().is_some_and(|fields| fields.keys().all(own));
    if role < Role::Writer && !only_own {
        return Err(Refusal::forbidden(&visit.world.files[file].id));
    }
    if body.get("parents").is_some_and(|parents| !parents.is_null()) {
        let words = "The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.";
        return Err(Refusal::new(403, "fieldNotWritable", words));
    }
    let parent = destination(visit, file, role)?;
    let trash = body.get("trashed").and_then(Value::as_bool);
    if trash.is_some() && !may_trash(visit, file, role) {
        return Err(Refusal::forbidden(&visit.world.files[file].id));
    }
    if let Some((bytes, mime)) = media {
        write(visit, file, body, bytes, mime)?;
    }
    patch::apply(visit, file, body)?;
    if let Some(parent) = parent {
        visit.world.reparent(file, parent);
    }
    let is_trashed = visit.world.files[file].trashed;
    match trash {
        Some(true) if !is_trashed => visit.world.trash(file, visit.caller.user),
        Some(false) if is_trashed => visit.world.untrash(file),
        _ => {}
    }
    let body = render::file(visit.world, &visit.caller, &visit.call.base, file, &mask);
    Ok(Reply::json(200, &body))
}

fn may_trash(visit: &Visit<'_>, file: usize, role: Role) -> bool {
    let it = &visit.world.files[file];
    it.parent.is_some() && it.drive.map_or(role >= Role::Writer, |_| role >= Role::FileOrganizer)
}

/// Where the call moves the file, if it moves it.
fn destination(visit: &Visit<'_>, file: usize, role: Role) -> Result<Option<usize>, Refusal> {
    let list = |name: &str| visit.call.param(name).filter(|text| !text.is_empty());
    let Some(add) = list("addParents") else {
        return Ok(None);
    };
    if add.contains(',') {
        let words = "Increasing the number of parents is not allowed";
        return Err(Refusal::new(403, "cannotAddParent", words));
    }
    let parent = patch::folder(visit, add)?;
    let it = &visit.world.files[file];
    if it.parent == Some(parent) {
        return Ok(None);
    }
    let old = it.parent.map(|old| visit.world.files[old].id.clone()).unwrap_or_default();
    let root = &visit.world.users[visit.caller.user].root;
    let removes = |id: &str| id == old || (id == "root" && it.parent == Some(*root));
    let removed = list("removeParents").is_some_and(|list| list.split(',').any(|id| removes(id.trim())));
    if !removed && !visit.call.flag("enforceSingleParent", false) {
        let words = "Increasing the number of parents is not allowed";
        return Err(Refusal::new(403, "cannotAddParent", words));
    }
    if it.drive.is_some() && role < Role::FileOrganizer {
        return Err(Refusal::forbidden(&it.id));
    }
    if visit.world.chain(parent).any(|at| at == file) {
        let words = "A folder cannot be moved into itself or one of its descendants.";
        return Err(Refusal::new(403, "cyclicFolderStructure", words));
    }
    Ok(Some(parent))
}

fn write(visit: &mut Visit<'_>, file: usize, body: &Value, bytes: Bytes, mime: String) -> Result<(), Refusal> {
    if visit.caller.scopes & scopes::WRITE == 0 {
        return Err(Refusal::missing_scope());
    }
    let it = &visit.world.files[file];
    if it.head().is_none() {
        return Err(Refusal::bad_request("Content cannot be written to this file."));
    }
    let native = it.is_native();
    create::room_for(visit, bytes.len())?;
    let keep = visit.call.flag("keepRevisionForever", false);
    let by = visit.caller.user;
    let bytes = if native { formats::import(&mime, &bytes) } else { bytes };
    let asked = patch::text(body, "mimeType").map(str::to_owned);
    let mime = asked.or(Some(mime).filter(|mime| !mime.is_empty()));
    visit.world.write(file, bytes, mime, by, keep);
    Ok(())
}
