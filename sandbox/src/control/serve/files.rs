//! Files from outside: what a person in the vendor's own web page would do to them.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;

use super::{Done, No, no, people, read, show};
use crate::{
    call::Call,
    control::wire::{Bulk, Edit, FileState, NewFile, Share},
    google::world::{
        SHORTCUT, World,
        channel::FileNews,
        file::{Role, Who},
        tree::Seedling,
    },
};

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Place {
    parent: String,
}

#[derive(Deserialize)]
struct Someone {
    email: Option<String>,
}

#[derive(Deserialize)]
struct Restricted {
    restricted: bool,
}

#[derive(Deserialize)]
struct NewShortcut {
    owner: String,
    target: String,
    name: String,
    parent: Option<String>,
}

pub fn answer(world: &mut World, call: &Call, parts: &[&str]) -> Done {
    match (call.method.as_str(), parts) {
        ("POST", []) => create(world, read(call)?),
        ("POST", ["bulk"]) => bulk(world, &read(call)?),
        ("POST", ["shortcut"]) => shortcut(world, &read(call)?),
        ("GET", [id]) => {
            let file = world.file(id).ok_or_else(|| no(404, format!("no file {id}")))?;
            show(state(world, file))
        }
        ("POST", [id, verb]) => {
            let file = find(world, id)?;
            act(world, call, file, verb)?;
            show(state(world, file))
        }
        _ => Err(no(404, "no such control route")),
    }
}

fn find(world: &World, id: &str) -> Result<usize, No> {
    let file = world.file(id).filter(|file| !world.files[*file].deleted);
    file.ok_or_else(|| no(404, format!("no file {id}")))
}

/// Who acts when nobody is named: the owner, or whoever wrote last.
fn actor(world: &World, file: usize) -> usize {
    let it = &world.files[file];
    it.owner.unwrap_or(it.modified_by)
}

fn act(world: &mut World, call: &Call, file: usize, verb: &str) -> Result<(), No> {
    match verb {
        "edit" => {
            let edit: Edit = read(call)?;
            let by = match &edit.by {
                Some(email) => people::user(world, email)?,
                None => actor(world, file),
            };
            if world.files[file].head().is_none() {
                return Err(no(400, "folders and shortcuts have no content"));
            }
            let bytes = content(edit.text.as_deref(), edit.base64.as_deref())?;
            world.write(file, bytes, edit.mime_type, by, false);
        }
        "rename" => world.rename(file, &read::<Name>(call)?.name),
        "move" => {
            let parent = find(world, &read::<Place>(call)?.parent)?;
            if !world.files[parent].is_folder() || !world.reparent(file, parent) {
                return Err(no(409, "cannot move there"));
            }
        }
        "trash" => world.trash(file, actor(world, file)),
        "untrash" => world.untrash(file),
        "delete" => world.delete(file),
        "share" => share(world, file, &read(call)?)?,
        "unshare" => {
            let who = match read::<Someone>(call)?.email {
                Some(email) => Who::User(people::user(world, &email)?),
                None => Who::Anyone,
            };
            let id = world.grant_id(&who);
            if !world.unshare(file, &id) {
                return Err(no(404, "not shared so"));
            }
        }
        "restrict" => {
            let restricted = read::<Restricted>(call)?.restricted;
            world.alter(file, FileNews::Permissions, |world| {
                world.files[file].copy_restricted = restricted;
            });
        }
        _ => return Err(no(404, "no such control route")),
    }
    Ok(())
}

fn share(world: &mut World, file: usize, share: &Share) -> Result<(), No> {
    let role = Role::parse(share.role.as_deref().unwrap_or("reader")).ok_or_else(|| no(400, "no such role"))?;
    let who = match &share.email {
        Some(email) => Who::User(people::user(world, email)?),
        None => Who::Anyone,
    };
    let by = actor(world, file);
    if share.resource_key {
        world.require_key(file);
    }
    world.share(file, who, role, by);
    Ok(())
}

fn content(text: Option<&str>, base64: Option<&str>) -> Result<Bytes, No> {
    match (text, base64) {
        (_, Some(packed)) => {
            let bytes = STANDARD.decode(packed);
            bytes.map(Bytes::from).map_err(|_| no(400, "base64 is not base64"))
        }
        (Some(text), None) => Ok(Bytes::from(text.to_owned())),
        (None, None) => Ok(Bytes::new()),
    }
}

/// The folder a new file goes to.
fn place(world: &World, owner: usize, parent: Option<&str>, drive: Option<&str>) -> Result<usize, No> {
    match (parent, drive) {
        (Some(parent), _) => {
            let parent = find(world, parent)?;
            let folder = world.files[parent].is_folder();
            if folder { Ok(parent) } else { Err(no(400, "the parent is not a folder")) }
        }
        (None, Some(drive)) => {
            let drive = world.drive(drive).ok_or_else(|| no(404, format!("no shared drive {drive}")))?;
            Ok(world.drives[drive].root)
        }
        (None, None) => Ok(world.users[owner].root),
    }
}

fn guess(name: &str) -> String {
    mime_guess::from_path(name).first_or_octet_stream().essence_str().to_owned()
}

fn create(world: &mut World, new: NewFile) -> Done {
    let by = people::user(world, &new.owner)?;
    let parent = place(world, by, new.parent.as_deref(), new.drive.as_deref())?;
    let bytes = content(new.text.as_deref(), new.base64.as_deref())?;
    let mime = new.mime_type.unwrap_or_else(|| guess(&new.name));
    let seed = Seedling { name: new.name, mime, parent, by, bytes, ..Seedling::default() };
    let file = world.create(seed);
    show(state(world, file))
}

fn bulk(world: &mut World, bulk: &Bulk) -> Done {
    let by = people::user(world, &bulk.owner)?;
    let parent = place(world, by, bulk.parent.as_deref(), bulk.drive.as_deref())?;
    let mime = bulk.mime_type.as_deref().unwrap_or("text/plain");
    let text = bulk.text.as_deref().unwrap_or("file {n}\n");
    let ids = (0..bulk.count).map(|number| {
        let number = number.to_string();
        let seed = Seedling {
            name: format!("{}{number}.txt", bulk.prefix),
            mime: mime.to_owned(),
            parent,
            by,
            bytes: Bytes::from(text.replace("{n}", &number)),
            ..Seedling::default()
        };
        let file = world.create(seed);
        world.files[file].id.clone()
    });
    show(ids.collect::<Vec<_>>())
}

fn shortcut(world: &mut World, new: &NewShortcut) -> Done {
    let by = people::user(world, &new.owner)?;
    let parent = place(world, by, new.parent.as_deref(), None)?;
    let target = find(world, &new.target)?;
    let seed = Seedling {
        name: new.name.clone(),
        mime: SHORTCUT.to_owned(),
        parent,
        by,
        target: Some(target),
        ..Seedling::default()
    };
    let file = world.create(seed);
    show(state(world, file))
}

pub fn tree(world: &World, email: &str) -> Done {
    let user = people::user(world, email)?;
    let mut files = world.subtree(world.users[user].root);
    files.extend(world.granted(user).flat_map(|top| world.subtree(top)));
    show(files.into_iter().map(|file| state(world, file)).collect::<Vec<_>>())
}

fn state(world: &World, file: usize) -> FileState {
    let it = &world.files[file];
    let head = it.head();
    FileState {
        id: it.id.clone(),
        name: it.name.clone(),
        mime_type: it.mime.clone(),
        owner: it.owner.map(|owner| world.users[owner].email.clone()),
        parent: it.parent.map(|parent| world.files[parent].id.clone()),
        drive: it.drive.map(|drive| world.drives[drive].id.clone()),
        trashed: world.is_trashed(file),
        deleted: it.deleted,
        size: head.map_or(0, |head| head.blob.bytes.len() as u64),
        md5: head.filter(|_| it.is_blob()).map(|head| head.blob.hashes().md5.clone()),
        version: it.version,
        thumbnail_version: it.thumbnail_version,
        head_revision: head.map(|head| head.id.clone()),
        revisions: it.revisions.len(),
        pinned: world.pinned(file),
        modified_ms: it.modified,
        shortcut_target: it.target.map(|target| world.files[target].id.clone()),
        resource_key: it.resource_key.clone(),
        shared_with: it
            .grants
            .iter()
            .map(|grant| {
                let who = match &grant.who {
                    Who::User(user) => world.users[*user].email.clone(),
                    Who::Group(name) | Who::Domain(name) => name.clone(),
                    Who::Anyone => "anyone".to_owned(),
                };
                (who, grant.role.name().to_owned())
            })
            .collect(),
    }
}
