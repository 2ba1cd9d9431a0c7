//! `permissions`: who has what on a file, given and taken; in shared drives, members on the drive itself.

use serde_json::{Value, json};

use super::{
    refusal::Refusal,
    visit::{Answer, Visit},
    world::{
        World,
        file::{Grant, Role, Who},
    },
};
use crate::{
    call::Reply,
    clock::{self, rfc3339},
};

const DEFAULT: &str = "kind,id,type,role";

fn person(world: &World, user: usize, role: Role) -> Value {
    let it = &world.users[user];
    json!({
        "kind": "drive#permission",
        "id": it.permission_id,
        "type": "user",
        "emailAddress": it.email,
        "displayName": it.display_name,
        "role": role.name(),
        "deleted": false,
        "pendingOwner": false,
    })
}

fn granted(world: &World, grant: &Grant) -> Value {
    let mut body = match &grant.who {
        Who::User(user) => person(world, *user, grant.role),
        Who::Anyone => json!({"type": "anyone", "allowFileDiscovery": grant.discoverable}),
        Who::Domain(name) => {
            json!({"type": "domain", "domain": name, "displayName": name, "allowFileDiscovery": grant.discoverable})
        }
        Who::Group(email) => json!({"type": "group", "emailAddress": email, "displayName": email}),
    };
    body["kind"] = json!("drive#permission");
    body["id"] = json!(grant.id);
    body["role"] = json!(grant.role.name());
    if let Some(end) = grant.expires {
        body["expirationTime"] = json!(rfc3339(end));
    }
    body
}

/// Owner, members and grants, inherited ones included, each principal once.
fn gather(world: &World, file: usize) -> Vec<Value> {
    let it = &world.files[file];
    let mut found: Vec<Value> = it.owner.map(|owner| person(world, owner, Role::Owner)).into_iter().collect();
    if let Some(drive) = it.drive {
        let members = world.drives[drive].members.iter();
        found.extend(members.map(|(user, role)| {
            let mut body = person(world, *user, *role);
            body["permissionDetails"] = json!([{
                "permissionType": "member", "role": role.name(), "inherited": true,
                "inheritedFrom": world.drives[drive].id,
            }]);
            body
        }));
    }
    for at in world.chain(file) {
        for grant in &world.files[at].grants {
            let body = granted(world, grant);
            if !found.iter().any(|known| known["id"] == body["id"]) {
                found.push(body);
            }
        }
    }
    found
}

pub fn all(world: &World, file: usize) -> Value {
    Value::Array(gather(world, file))
}

pub fn ids(world: &World, file: usize) -> Value {
    Value::Array(gather(world, file).into_iter().map(|one| one["id"].clone()).collect())
}

pub fn list(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("PermissionList", &format!("kind,nextPageToken,permissions({DEFAULT})"))?;
    visit.page_size(100, 100)?;
    let file = visit.find_as(path[1], Role::Writer)?;
    let body = json!({"kind": "drive#permissionList", "permissions": all(visit.world, file)});
    Ok(Reply::json(200, &mask.prune(body)))
}

fn find(world: &World, file: usize, id: &str) -> Result<Value, Refusal> {
    let found = gather(world, file).into_iter().find(|one| one["id"] == id);
    found.ok_or_else(|| Refusal::no_thing("Permission", id, "permissionId"))
}

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Permission", DEFAULT)?;
    let (file, _) = visit.find(path[1], true)?;
    Ok(Reply::json(200, &mask.prune(find(visit.world, file, path[3])?)))
}

fn role(body: &Value) -> Result<Role, Refusal> {
    let name = body.get("role").and_then(Value::as_str);
    let name = name.ok_or_else(|| Refusal::bad_request("The permission role field is required."))?;
    Role::parse(name).ok_or_else(|| Refusal::invalid("permission.role"))
}

fn who(world: &mut World, body: &Value) -> Result<Who, Refusal> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let email = || {
        let words = "The specified emailAddress is invalid or not applicable for the given permission type.";
        text("emailAddress")
            .filter(|email| email.contains('@'))
            .ok_or_else(|| Refusal::new(400, "invalidSharingRequest", words))
    };
    match text("type").as_deref() {
        Some("user") => {
            let email = email()?;
            Ok(Who::User(match world.user(&email) {
                Some(user) => user,
                // An address the world has not met gets an account, as an invitation would.
                None => world.add_user(&email, email.split('@').next().unwrap_or(&email)),
            }))
        }
        Some("group") => Ok(Who::Group(email()?)),
        Some("domain") => {
            let name = text("domain");
            name.map(Who::Domain).ok_or_else(|| Refusal::bad_request("The domain field is required."))
        }
        Some("anyone") => Ok(Who::Anyone),
        Some(_) => Err(Refusal::invalid("permission.type")),
        None => Err(Refusal::bad_request("The permission type field is required.")),
    }
}

pub fn create(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Permission", DEFAULT)?;
    let body = visit.body()?;
    let role = role(&body)?;
    let file = visit.find_as(path[1], Role::Writer)?;
    let by = visit.caller.user;
    if role == Role::Owner {
        let words = "The transferOwnership parameter must be enabled when the permission role is 'owner'.";
        return Err(Refusal::new(403, "forbidden", words).with_location("parameter", "transferOwnership"));
    }
    let who = who(visit.world, &body)?;
    let it = &visit.world.files[file];
    let on_drive = it.drive.filter(|_| it.parent.is_none());
    let id = match (on_drive, &who) {
        (Some(drive), Who::User(user)) => {
            if visit.world.member_role(drive, by) < Some(Role::Organizer) {
                return Err(Refusal::forbidden(path[1]));
            }
            visit.world.set_member(drive, *user, role);
            visit.world.grant_id(&who)
        }
        _ if it.drive.is_none() && role > Role::Writer => {
            return Err(Refusal::bad_request("The specified role is only valid in shared drives."));
        }
        _ if who == Who::User(by) && it.owner == Some(by) => visit.world.grant_id(&who),
        _ => visit.world.share(file, who, role, by),
    };
    settle(visit, file, &id, &body)?;
    Ok(Reply::json(200, &mask.prune(find(visit.world, file, &id)?)))
}

/// Discovery and expiry of a grant that was just written.
fn settle(visit: &mut Visit<'_>, file: usize, id: &str, body: &Value) -> Result<(), Refusal> {
    let expires = match body.get("expirationTime").and_then(Value::as_str) {
        Some(text) => Some(clock::parse(text).ok_or_else(|| Refusal::invalid("expirationTime"))?),
        None => None,
    };
    let discoverable = body.get("allowFileDiscovery").and_then(Value::as_bool);
    let grant = visit.world.files[file].grants.iter_mut().find(|grant| grant.id == id);
    if let Some(grant) = grant {
        grant.expires = expires.or(grant.expires);
        grant.discoverable = discoverable.unwrap_or(grant.discoverable);
    }
    Ok(())
}

pub fn update(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("Permission", DEFAULT)?;
    let body = visit.body()?;
    let role = role(&body)?;
    let file = visit.find_as(path[1], Role::Writer)?;
    find(visit.world, file, path[3])?;
    let grants = &visit.world.files[file].grants;
    let grant = grants.iter().find(|grant| grant.id == path[3]).map(|grant| grant.who.clone());
    match (grant, visit.world.files[file].drive) {
        (Some(who), _) => drop(visit.world.share(file, who, role, visit.caller.user)),
        (None, Some(drive)) => {
            let member =
                visit.world.members(drive).into_iter().find(|user| visit.world.users[*user].permission_id == path[3]);
            if let Some(user) = member {
                visit.world.set_member(drive, user, role);
            }
        }
        (None, None) => return Err(Refusal::forbidden(path[1])),
    }
    settle(visit, file, path[3], &body)?;
    Ok(Reply::json(200, &mask.prune(find(visit.world, file, path[3])?)))
}

/// Writers may take grants away; anybody may give up his own.
pub fn delete(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let (file, role) = visit.find(path[1], true)?;
    let own = visit.world.users[visit.caller.user].permission_id == path[3];
    if role < Role::Writer && !own {
        return Err(Refusal::forbidden(path[1]));
    }
    let it = &visit.world.files[file];
    if let Some(drive) = it.drive.filter(|_| it.parent.is_none()) {
        let member =
            visit.world.members(drive).into_iter().find(|user| visit.world.users[*user].permission_id == path[3]);
        if member.is_some_and(|user| visit.world.drop_member(drive, user)) {
            return Ok(Reply::empty(204));
        }
    }
    if visit.world.unshare(file, path[3]) {
        return Ok(Reply::empty(204));
    }
    Err(Refusal::no_thing("Permission", path[3], "permissionId"))
}
