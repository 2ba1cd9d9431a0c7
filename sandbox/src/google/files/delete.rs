//! Deleting for good, past the trash.

use crate::{
    call::Reply,
    google::{
        refusal::Refusal,
        visit::{Answer, Visit},
        world::file::Role,
    },
};

pub fn delete(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let (file, role) = visit.find(path[1], true)?;
    let it = &visit.world.files[file];
    let least = if it.drive.is_some() { Role::Organizer } else { Role::Owner };
    if role < least || it.parent.is_none() {
        return Err(Refusal::forbidden(&it.id));
    }
    visit.world.delete(file);
    Ok(Reply::empty(204))
}

pub fn empty_trash(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let user = visit.caller.user;
    let trashed: Vec<usize> = match visit.call.param("driveId") {
        Some(id) => {
            let drive = visit.drive(id)?;
            if visit.world.member_role(drive, user) < Some(Role::Organizer) {
                return Err(Refusal::forbidden(id));
            }
            visit.world.drive_files(drive).collect()
        }
        None => visit.world.owned(user).collect(),
    };
    for file in trashed {
        let it = &visit.world.files[file];
        if it.trashed && !it.deleted {
            visit.world.delete(file);
        }
    }
    Ok(Reply::empty(204))
}
