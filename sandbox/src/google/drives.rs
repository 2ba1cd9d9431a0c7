//! Shared drives over the wire.

use serde_json::{Map, Value, json};

use super::{
    mask::Mask,
    refusal::Refusal,
    visit::{Answer, Visit},
    world::{World, file::Role},
};
use crate::{call::Reply, clock::rfc3339};

const DEFAULT: &str = "kind,id,name";

pub fn render(world: &World, user: usize, drive: usize) -> Value {
    let it = &world.drives[drive];
    let role = world.member_role(drive, user);
    let can = |least: Role| role >= Some(least);
    json!({
        "kind": "drive#drive",
        "id": it.id,
        "name": it.name,
        "createdTime": rfc3339(it.created),
        "hidden": it.hidden_by.contains(&user),
        "colorRgb": "#0f9d58",
        "restrictions": {
            "adminManagedRestrictions": false,
            "copyRequiresWriterPermission": false,
            "domainUsersOnly": false,
            "driveMembersOnly": false,
        },
        "capabilities": {
            "canAddChildren": can(Role::Writer),
            "canComment": can(Role::Commenter),
            "canCopy": can(Role::Reader),
            "canDeleteChildren": can(Role::Organizer),
            "canDeleteDrive": can(Role::Organizer),
            "canDownload": can(Role::Reader),
            "canEdit": can(Role::Writer),
            "canListChildren": can(Role::Reader),
            "canManageMembers": can(Role::Organizer),
            "canReadRevisions": can(Role::Writer),
            "canRename": can(Role::Writer),
            "canRenameDrive": can(Role::Organizer),
            "canShare": can(Role::Writer),
            "canTrashChildren": can(Role::FileOrganizer),
        },
    })
}

pub fn list(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let mask = visit.mask("DriveList", &format!("kind,nextPageToken,drives({DEFAULT})"))?;
    let size = visit.page_size(10, 100)?;
    let user = visit.caller.user;
    let start: usize = match visit.call.param("pageToken").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => {
            let place = token.strip_prefix("~drives~").and_then(|place| place.parse().ok());
            place.ok_or_else(|| Refusal::invalid("pageToken"))?
        }
    };
    let world = &*visit.world;
    let mine: Vec<usize> = (0..world.drives.len()).filter(|drive| world.member_role(*drive, user).is_some()).collect();
    if start > mine.len() {
        return Err(Refusal::invalid("pageToken"));
    }
    let end = (start + size).min(mine.len());
    let drives: Vec<Value> = mine[start..end].iter().map(|drive| render(world, user, *drive)).collect();
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!("drive#driveList"));
    body.insert("drives".to_owned(), Value::Array(drives));
    if end < mine.len() {
        body.insert("nextPageToken".to_owned(), json!(format!("~drives~{end}")));
    }
    Ok(Reply::json(200, &mask.prune(Value::Object(body))))
}

fn one(visit: &Visit<'_>, drive: usize, mask: &Mask) -> Reply {
    Reply::json(200, &mask.prune(render(visit.world, visit.caller.user, drive)))
}

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Drive", DEFAULT)?;
    let drive = visit.drive(path[1])?;
    Ok(one(visit, drive, &mask))
}

fn name(body: &Value) -> Result<Option<String>, Refusal> {
    match body.get("name") {
        None => Ok(None),
        Some(Value::String(name)) if !name.trim().is_empty() => Ok(Some(name.clone())),
        Some(_) => Err(Refusal::bad_request("The shared drive name is invalid.")),
    }
}

pub fn create(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let mask = visit.mask("Drive", DEFAULT)?;
    let body = visit.body()?;
    if visit.call.param("requestId").is_none_or(str::is_empty) {
        return Err(Refusal::required("requestId"));
    }
    let name = name(&body)?.ok_or_else(|| Refusal::required("name"))?;
    let drive = visit.world.add_drive(&name, visit.caller.user);
    Ok(one(visit, drive, &mask))
}

fn organized(visit: &Visit<'_>, id: &str) -> Result<usize, Refusal> {
    let drive = visit.drive(id)?;
    if visit.world.member_role(drive, visit.caller.user) < Some(Role::Organizer) {
        return Err(Refusal::forbidden(id));
    }
    Ok(drive)
}

pub fn update(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Drive", DEFAULT)?;
    let body = visit.body()?;
    let drive = organized(visit, path[1])?;
    if let Some(name) = name(&body)? {
        visit.world.rename_drive(drive, &name);
    }
    Ok(one(visit, drive, &mask))
}

pub fn delete(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let drive = organized(visit, path[1])?;
    let left = visit.world.drive_files(drive).any(|file| !visit.world.is_trashed(file));
    if left && !visit.call.flag("allowItemDeletion", false) {
        let words = "The shared drive contains untrashed items.";
        return Err(Refusal::new(403, "cannotDeleteNonEmptySharedDrive", words));
    }
    visit.world.delete_drive(drive);
    Ok(Reply::empty(204))
}
