//! A file as JSON, only as far as the mask asks: listing thousands of names must not hash thousands of files.
//! Fields that do not apply are absent, never null; 64-bit numbers are strings.

use serde_json::{Map, Value, json};

use super::links;
use crate::{
    call::Base,
    clock::rfc3339,
    google::{
        mask::Mask,
        permissions, scopes, thumbnails,
        visit::Caller,
        world::{
            World,
            file::{File, Role},
        },
    },
};

pub fn user(world: &World, user: usize, me: usize) -> Value {
    let it = &world.users[user];
    json!({
        "kind": "drive#user",
        "displayName": it.display_name,
        "me": user == me,
        "permissionId": it.permission_id,
        "emailAddress": it.email,
    })
}

pub fn file(world: &World, caller: &Caller, base: &Base, at: usize, mask: &Mask) -> Value {
    let mut out = Writer { mask, fields: Map::new() };
    let it = &world.files[at];
    let me = caller.user;
    out.put("kind", || json!("drive#file"));
    out.put("id", || json!(it.id));
    out.put("name", || json!(it.name));
    out.put("mimeType", || json!(it.mime));
    out.put("description", || json!(it.description));
    out.put("starred", || json!(it.starred.contains(&me)));
    out.put("trashed", || json!(world.is_trashed(at)));
    out.put("explicitlyTrashed", || json!(it.trashed));
    out.put("parents", || parents(world, it, me));
    out.put("properties", || non_empty(json!(it.properties)));
    out.put("appProperties", || json!(it.app_properties.get(&caller.client)));
    out.put("spaces", || json!(["drive"]));
    out.put("version", || json!(it.version.to_string()));
    out.put("createdTime", || json!(rfc3339(it.created)));
    out.put("modifiedTime", || json!(rfc3339(it.modified)));
    out.put("modifiedByMe", || json!(it.modified_by_me.contains_key(&me)));
    out.put("modifiedByMeTime", || json!(it.modified_by_me.get(&me).map(|at| rfc3339(*at))));
    out.put("viewedByMe", || json!(it.viewed.contains_key(&me)));
    out.put("viewedByMeTime", || json!(it.viewed.get(&me).map(|at| rfc3339(*at))));
    out.put("lastModifyingUser", || user(world, it.modified_by, me));
    out.put("isAppAuthorized", || json!(it.apps.contains(&caller.client) || scopes::sees_everything(caller.scopes)));
    out.put("folderColorRgb", || json!(it.folder_color));
    out.put("copyRequiresWriterPermission", || json!(it.copy_restricted));
    out.put("viewersCanCopyContent", || json!(!it.copy_restricted));
    out.put("resourceKey", || json!(it.resource_key));
    out.put(
        "linkShareMetadata",
        || json!({"securityUpdateEligible": it.key_required, "securityUpdateEnabled": it.key_required}),
    );
    out.put("quotaBytesUsed", || json!(quota_bytes(it).to_string()));
    ownership(&mut out, world, me, at);
    place(&mut out, world, it, me);
    content(&mut out, world, it, at);
    out.put("shortcutDetails", || shortcut(world, it));
    out.put("capabilities", || capabilities(world, me, at));
    links::put(&mut out, world, base, at);
    let reads_content = caller.scopes & scopes::READ != 0;
    out.put("hasThumbnail", || json!(thumbnails::has_one(it)));
    if reads_content && thumbnails::has_one(it) {
        out.put("thumbnailLink", || json!(thumbnails::link(world, base, at)));
    }
    out.put("thumbnailVersion", || json!(it.thumbnail_version.to_string()));
    mask.prune(Value::Object(out.fields))
}

/// Writes the fields that are wanted and not empty.
pub struct Writer<'a> {
    mask: &'a Mask,
    pub fields: Map<String, Value>,
}

impl Writer<'_> {
    pub fn put(&mut self, name: &str, value: impl FnOnce() -> Value) {
        if self.mask.wants(name) {
            let value = value();
            if !value.is_null() {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

fn non_empty(value: Value) -> Value {
    match &value {
        Value::Object(fields) if fields.is_empty() => Value::Null,
        _ => value,
    }
}

fn parents(world: &World, it: &File, me: usize) -> Value {
    // A parent that cannot be seen is not named.
    let seen = it.parent.filter(|parent| world.role(me, *parent).is_some());
    seen.map_or(Value::Null, |parent| json!([world.files[parent].id]))
}

fn ownership(out: &mut Writer<'_>, world: &World, me: usize, at: usize) {
    let it = &world.files[at];
    if it.drive.is_none() {
        out.put("owners", || json!(it.owner.iter().map(|owner| user(world, *owner, me)).collect::<Vec<_>>()));
        out.put("ownedByMe", || json!(it.owner == Some(me)));
        out.put("shared", || json!(world.is_shared(at)));
        out.put("writersCanShare", || json!(true));
        let manages = world.role(me, at) >= Some(Role::Writer);
        if manages {
            out.put("permissions", || permissions::all(world, at));
            out.put("permissionIds", || permissions::ids(world, at));
        }
    } else {
        out.put("hasAugmentedPermissions", || json!(!it.grants.is_empty()));
        out.put("permissionIds", || permissions::ids(world, at));
    }
    if let Some((time, by)) = it.shared_with_me.get(&me) {
        out.put("sharedWithMeTime", || json!(rfc3339(*time)));
        out.put("sharingUser", || user(world, *by, me));
    }
}

fn place(out: &mut Writer<'_>, world: &World, it: &File, me: usize) {
    let Some(drive) = it.drive else {
        return;
    };
    out.put("driveId", || json!(world.drives[drive].id));
    out.put("teamDriveId", || json!(world.drives[drive].id));
    if it.trashed {
        out.put("trashedTime", || json!(rfc3339(it.trashed_at)));
        out.put("trashingUser", || user(world, it.trashed_by, me));
    }
}

fn content(out: &mut Writer<'_>, world: &World, it: &File, at: usize) {
    let Some(head) = it.head() else {
        return;
    };
    out.put("size", || json!(head.blob.bytes.len().to_string()));
    if !it.is_blob() {
        return;
    }
    out.put("md5Checksum", || json!(head.blob.hashes().md5));
    out.put("sha1Checksum", || json!(head.blob.hashes().sha1));
    out.put("sha256Checksum", || json!(head.blob.hashes().sha256));
    out.put("headRevisionId", || json!(head.id));
    out.put("originalFilename", || json!(it.original_name));
    let extension = it.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    out.put("fileExtension", || json!(extension));
    out.put("fullFileExtension", || json!(extension));
    if it.mime.starts_with("image/") {
        out.put("imageMediaMetadata", || thumbnails::dimensions(world, at));
    }
}

/// Pinned revisions count, and the head; native documents and folders are free.
pub fn quota_bytes(it: &File) -> u64 {
    if !it.is_blob() {
        return 0;
    }
    let last = it.revisions.len().saturating_sub(1);
    let billed = it.revisions.iter().enumerate().filter(|(at, one)| one.keep || *at == last);
    billed.map(|(_, one)| one.blob.bytes.len() as u64).sum()
}

fn shortcut(world: &World, it: &File) -> Value {
    let Some(target) = it.target.map(|target| &world.files[target]) else {
        return Value::Null;
    };
    let mut details = json!({"targetId": target.id, "targetMimeType": target.mime});
    if let Some(key) = &target.resource_key {
        details["targetResourceKey"] = json!(key);
    }
    details
}

fn capabilities(world: &World, me: usize, at: usize) -> Value {
    let it = &world.files[at];
    let role = world.role(me, at).max(world.link_role(Some(me), at));
    let can = |least: Role| role >= Some(least);
    let (writes, organizes, owns) = if it.drive.is_some() {
        (can(Role::Writer), can(Role::FileOrganizer), can(Role::Organizer))
    } else {
        (can(Role::Writer), can(Role::Writer), can(Role::Owner))
    };
    let folder = it.is_folder();
    let copies = !folder && (!it.copy_restricted || writes);
    let top = it.parent.is_none();
    json!({
        "canAddChildren": folder && writes,
        "canChangeCopyRequiresWriterPermission": writes,
        "canComment": can(Role::Commenter),
        "canCopy": copies,
        "canDelete": owns && !top,
        "canDownload": it.drive.is_none() && folder || (!it.copy_restricted || writes),
        "canEdit": writes,
        "canListChildren": folder,
        "canModifyContent": writes && !folder,
        "canMoveItemOutOfDrive": owns && !top,
        "canMoveItemWithinDrive": organizes && !top,
        "canReadDrive": it.drive.is_some_and(|drive| world.member_role(drive, me).is_some()),
        "canReadRevisions": writes && !folder,
        "canRemoveChildren": folder && organizes,
        "canRename": writes && !top,
        "canShare": writes,
        "canTrash": organizes && !top,
        "canTrashChildren": folder && organizes,
        "canUntrash": organizes && !top,
    })
}
