//! `files.get`: the metadata of one file.

use crate::{
    call::Reply,
    google::{
        files::{DEFAULT, render},
        visit::{Answer, Visit},
    },
};

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("File", DEFAULT)?;
    let (file, _) = visit.find(path[1], true)?;
    // Opening a link is what lets a user keep the file without its key.
    if visit.world.role(visit.caller.user, file).is_none() {
        let (user, now) = (visit.caller.user, visit.world.now);
        visit.world.files[file].viewed.insert(user, now);
    }
    let body = render::file(visit.world, &visit.caller, &visit.call.base, file, &mask);
    Ok(Reply::json(200, &body))
}
