//! Users, their tokens, OAuth clients, shared drives and their members.

use serde::Deserialize;
use serde_json::json;

use super::{Done, No, files, no, read, show};
use crate::{
    call::Call,
    control::wire::{ClientState, DriveState, UserState},
    google::world::{World, file::Role},
    shared::Shared,
};

#[derive(Deserialize)]
struct NewUser {
    email: String,
    #[serde(default)]
    display_name: String,
}

#[derive(Deserialize)]
struct NewDrive {
    name: String,
    organizer: String,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Member {
    email: String,
    #[serde(default)]
    role: String,
}

pub fn user(world: &World, email: &str) -> Result<usize, No> {
    world.user(email).ok_or_else(|| no(404, format!("no user {email}")))
}

fn drive(world: &World, id: &str) -> Result<usize, No> {
    world.drive(id).ok_or_else(|| no(404, format!("no shared drive {id}")))
}

fn show_user(world: &World, user: usize) -> UserState {
    let it = &world.users[user];
    UserState {
        email: it.email.clone(),
        display_name: it.display_name.clone(),
        permission_id: it.permission_id.clone(),
        root_id: world.files[it.root].id.clone(),
    }
}

fn show_drive(world: &World, drive: usize) -> DriveState {
    let it = &world.drives[drive];
    let members = it.members.iter();
    DriveState {
        id: it.id.clone(),
        name: it.name.clone(),
        members: members.map(|(user, role)| (world.users[*user].email.clone(), role.name().to_owned())).collect(),
    }
}

pub fn answer(shared: &Shared, call: &Call, parts: &[&str]) -> Done {
    let mut world = shared.world();
    let world = &mut *world;
    match (call.method.as_str(), parts) {
        ("GET", ["users"]) => show((0..world.users.len()).map(|at| show_user(world, at)).collect::<Vec<_>>()),
        ("POST", ["users"]) => {
            let new: NewUser = read(call)?;
            if !new.email.contains('@') {
                return Err(no(400, "email must be an address"));
            }
            let name = if new.display_name.is_empty() { &new.email } else { &new.display_name };
            let user = world.add_user(&new.email, name);
            show(show_user(world, user))
        }
        ("GET", ["users", email, "tree"]) => files::tree(world, email),
        ("POST", ["users", email, "expire_tokens"]) => {
            let user = user(world, email)?;
            show(world.oauth.expire_access(user))
        }
        ("POST", ["users", email, "revoke"]) => {
            let user = user(world, email)?;
            world.oauth.revoke_grants(user, None);
            Ok(json!({}))
        }
        ("GET", ["clients"]) => show(world.oauth.clients.values().collect::<Vec<_>>()),
        ("POST", ["clients"]) => {
            let client: ClientState = read(call)?;
            world.oauth.clients.insert(client.id.clone(), client);
            Ok(json!({}))
        }
        ("GET", ["drives"]) => {
            let live = (0..world.drives.len()).filter(|at| !world.drives[*at].deleted);
            show(live.map(|at| show_drive(world, at)).collect::<Vec<_>>())
        }
        ("POST", ["drives"]) => {
            let new: NewDrive = read(call)?;
            let organizer = user(world, &new.organizer)?;
            let drive = world.add_drive(&new.name, organizer);
            show(show_drive(world, drive))
        }
        ("POST", ["drives", id, "rename"]) => {
            let drive = drive(world, id)?;
            world.rename_drive(drive, &read::<Name>(call)?.name);
            Ok(json!({}))
        }
        ("POST", ["drives", id, "delete"]) => {
            let drive = drive(world, id)?;
            world.delete_drive(drive);
            Ok(json!({}))
        }
        ("POST", ["drives", id, "members"]) => {
            let drive = drive(world, id)?;
            let member: Member = read(call)?;
            let user = user(world, &member.email)?;
            let role = Role::parse(&member.role).ok_or_else(|| no(400, "no such role"))?;
            world.set_member(drive, user, role);
            Ok(json!({}))
        }
        ("POST", ["drives", id, "members", "remove"]) => {
            let drive = drive(world, id)?;
            let user = user(world, &read::<Member>(call)?.email)?;
            if world.drop_member(drive, user) { Ok(json!({})) } else { Err(no(404, "not a member")) }
        }
        _ => Err(no(404, "no such control route")),
    }
}
