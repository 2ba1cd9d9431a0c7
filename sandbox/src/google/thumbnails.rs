//! Thumbnails: a link that lives hours and wants the credentials of somebody who may read the file, and the picture behind it.
//! A suffix `=s220` or `=w400-h300` chooses the size.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    formats::picture,
    routes, scopes,
    world::{World, access::ResourceKeys, file::File},
};
use crate::call::{Base, Call, Reply};

const LIFE_MS: i64 = 4 * 3600 * 1000;
/// Links made within one such span are the same.
const STEP_MS: i64 = 3600 * 1000;

pub fn has_one(it: &File) -> bool {
    let mime = it.mime.as_str();
    it.head().is_some()
        && (mime.starts_with("image/")
            || mime.starts_with("video/")
            || mime.starts_with("text/")
            || mime.contains("officedocument")
            || mime.contains("opendocument")
            || mime == "application/pdf"
            || mime == "application/msword"
            || (it.is_editors_document() && !mime.ends_with("script")))
}

fn sign(world: &World, id: &str, version: u64, expires: i64) -> String {
    let text = format!("{}|{id}|{version}|{expires}", world.secret);
    hex::encode(Sha256::digest(text))[..32].to_owned()
}

pub fn link(world: &World, base: &Base, at: usize) -> String {
    let it = &world.files[at];
    let expires = (world.now / STEP_MS) * STEP_MS + LIFE_MS;
    let mac = sign(world, &it.id, it.thumbnail_version, expires);
    let path = format!("/thumbnails/{}/{}/{expires}/{mac}=s220", it.id, it.thumbnail_version);
    base.url("lh3.googleusercontent.com", &path)
}

/// Width and height the sandbox draws an image file at.
pub fn dimensions(_: &World, _: usize) -> Value {
    json!({"width": 1600, "height": 1200, "rotation": 0})
}

pub fn answer(world: &World, call: &Call) -> Reply {
    let refuse = |status| Reply::new(status, "text/plain; charset=utf-8", format!("{status}\n"));
    let [_, id, version, expires, tail] = call.segments.as_slice() else {
        return refuse(404);
    };
    let (mac, size) = tail.split_once('=').unwrap_or((tail, "s220"));
    let (Ok(version), Ok(expires)) = (version.parse(), expires.parse()) else {
        return refuse(404);
    };
    if mac != sign(world, id, version, expires) {
        return refuse(404);
    }
    if expires <= world.now {
        return refuse(403);
    }
    let Some(file) = world.file(id).filter(|file| !world.files[*file].deleted) else {
        return refuse(404);
    };
    if world.link_role(None, file).is_none() {
        let by_token = routes::caller(world, call).ok();
        let by_token = by_token.filter(|caller| caller.scopes & scopes::READ != 0).map(|caller| caller.user);
        let by_session = call.cookie("SID").and_then(|sid| world.oauth.sessions.get(&sid).copied());
        let Some(user) = by_token.or(by_session) else {
            return refuse(401);
        };
        if world.reach(user, file, &ResourceKeys::new()).is_none() {
            return refuse(404);
        }
    }
    let (width, height) = measure(size);
    let it = &world.files[file];
    let canvas = picture::Canvas::draw(&it.bytes(), width, height);
    let reply = if it.mime == "image/jpeg" || it.mime.starts_with("video/") {
        Reply::new(200, "image/jpeg", picture::jpeg(&canvas))
    } else {
        Reply::new(200, "image/png", picture::png(&canvas))
    };
    reply.with("Cache-Control", "private, max-age=86400")
}

/// `s220` bounds both sides, `w400-h300` each; the picture keeps 4:3 within them.
fn measure(size: &str) -> (u32, u32) {
    let mut width = u32::MAX;
    let mut height = u32::MAX;
    for part in size.split('-') {
        let number = part.get(1..).and_then(|text| text.parse::<u32>().ok()).unwrap_or(220);
        match part.chars().next() {
            Some('s') => (width, height) = (number, number),
            Some('w') => width = number,
            Some('h') => height = number,
            _ => {}
        }
    }
    let width = width.clamp(16, 1600).min(height.clamp(16, 1600).saturating_mul(4) / 3);
    (width, (width * 3 / 4).max(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_suffix_bounds_the_picture() {
        assert_eq!(measure("s220"), (220, 165));
        assert_eq!(measure("w400-h300"), (400, 300));
        assert_eq!(measure("w400"), (400, 300));
        assert_eq!(measure("nonsense"), (1600, 1200));
    }
}
