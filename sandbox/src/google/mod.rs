//! Google's face: sign-in, Drive v3, uploads, batches, thumbnails and the pages its links lead to.
//! One call comes in with its path already stripped of prefix; one answer goes out, with the name of who asked and what it cost.

mod about;
mod apps;
mod batch;
mod changes;
mod channels;
pub mod delivery;
mod drives;
pub mod files;
mod formats;
mod mask;
pub mod oauth;
pub mod operations;
mod pages;
mod permissions;
mod query;
pub mod quota;
mod refusal;
mod revisions;
mod routes;
mod scopes;
#[cfg(test)]
mod story;
mod thumbnails;
mod visit;
pub mod world;

use self::{refusal::Refusal, world::World};
use crate::call::{Call, Reply};

/// What came of a call, for the record.
pub struct Answered {
    pub reply: Reply,
    pub user: Option<String>,
    pub units: u64,
}

impl Answered {
    fn unmetered(reply: Reply) -> Self {
        Self { reply, user: None, units: 0 }
    }
}

pub fn answer(world: &mut World, call: &Call) -> Answered {
    let parts: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["o", "oauth2", "v2", "auth"] | ["o", "oauth2", "auth"] => {
            Answered::unmetered(oauth::consent::answer(world, call))
        }
        ["token"] | ["oauth2", "v4", "token"] | ["o", "oauth2", "token"] => {
            Answered::unmetered(oauth::token::answer(world, call))
        }
        ["revoke"] | ["o", "oauth2", "revoke"] => Answered::unmetered(oauth::revoke::revoke(world, call)),
        ["tokeninfo"] | ["oauth2", "v3", "tokeninfo"] | ["oauth2", "v2", "tokeninfo"] => {
            Answered::unmetered(oauth::revoke::tokeninfo(world, call))
        }
        ["batch", "drive", "v3"] => batch::answer(world, call),
        ["drive", "v3", rest @ ..] => routes::answer(world, call, rest, false),
        ["upload", "drive", "v3", rest @ ..] => routes::answer(world, call, rest, true),
        ["thumbnails", ..] => Answered::unmetered(thumbnails::answer(world, call)),
        _ => Answered::unmetered(pages::answer(world, call)),
    }
}

/// The answer a scripted fault gives, in the shape of the endpoint it strikes.
pub fn fault_reply(status: u16, reason: Option<&str>, message: Option<&str>, call: &Call) -> Reply {
    if matches!(call.path.as_str(), "/token" | "/revoke" | "/tokeninfo") {
        let error = reason.unwrap_or(if status < 500 { "invalid_request" } else { "internal_failure" });
        return oauth::error(status, error, message.unwrap_or("Scripted fault."));
    }
    Refusal::scripted(status, reason, message).reply()
}
