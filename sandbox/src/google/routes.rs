//! The table of contents of Drive v3: which method and path lead where, at what price, with which scopes.
//! Everything that is the same for all methods happens here: authentication, scopes, quota, `alt`.

use super::{
    Answered, about, apps, changes, channels, drives, files, oauth, operations, permissions, quota,
    refusal::Refusal,
    revisions,
    scopes::{self, *},
    visit::{Answer, Caller, Visit},
    world::World,
};
use crate::call::Call;

type Run = fn(&mut Visit<'_>, &[&str]) -> Answer;

struct Route {
    units: u64,
    scopes: u16,
    media: bool,
    run: Run,
}

fn route(units: u64, scopes: u16, run: Run) -> Option<Route> {
    Some(Route { units, scopes, media: false, run })
}

fn media(scopes: u16, run: Run) -> Option<Route> {
    Some(Route { units: quota::DOWNLOAD, scopes, media: true, run })
}

fn find(call: &Call, path: &[&str], upload: bool) -> Option<Route> {
    use quota::{DOWNLOAD, EDIT, GET, LIST, OTHER};
    let wants_media = call.param("alt") == Some("media");
    let resumes = call.param("upload_id").is_some();
    if upload {
        return match (call.method.as_str(), path) {
            // The documentation says PUT; clients in wide use say POST, and the vendor takes it.
            ("PUT" | "POST" | "PATCH", ["files"] | ["files", _]) if resumes => {
                route(OTHER, WRITE, files::upload::resume)
            }
            ("POST", ["files"]) => route(EDIT, WRITE, files::upload::create),
            ("PATCH" | "POST", ["files", _]) => route(EDIT, WRITE, files::upload::update),
            ("DELETE", ["files"] | ["files", _]) => route(OTHER, WRITE, files::upload::cancel),
            _ => None,
        };
    }
    match (call.method.as_str(), path) {
        ("GET", ["about"]) => route(GET, LOOK, about::get),
        ("GET", ["apps"]) => route(LIST, APPS_READONLY, apps::list),
        ("GET", ["apps", _]) => route(GET, LOOK | APPS_READONLY, apps::get),
        ("GET", ["files"]) => route(LIST, LOOK, files::list::list),
        ("POST", ["files"]) => route(EDIT, WRITE, files::create::create),
        ("GET", ["files", "generateIds"]) => route(OTHER, WRITE, files::create::generate_ids),
        ("DELETE", ["files", "trash"]) => route(EDIT, DRIVE, files::delete::empty_trash),
        ("GET", ["files", _]) if wants_media => media(READ | APPDATA | PHOTOS, files::media::get),
        ("GET", ["files", _]) => route(GET, LOOK, files::get::get),
        ("PATCH", ["files", _]) => route(EDIT, UPDATE, files::update::update),
        ("DELETE", ["files", _]) => route(EDIT, WRITE, files::delete::delete),
        ("POST", ["files", _, "copy"]) => route(EDIT, COPY, files::create::copy),
        ("POST", ["files", _, "watch"]) => route(OTHER, LOOK, channels::watch_file),
        ("GET", ["files", _, "export"]) => media(READ, files::export::export),
        ("POST", ["files", _, "download"]) => route(DOWNLOAD, SHARE | READONLY, operations::start),
        ("GET", ["operations", ..]) => route(GET, READ, operations::get),
        ("GET", ["files", _, "permissions"]) => route(LIST, LOOK, permissions::list),
        ("POST", ["files", _, "permissions"]) => route(EDIT, SHARE, permissions::create),
        ("GET", ["files", _, "permissions", _]) => route(GET, LOOK, permissions::get),
        ("PATCH", ["files", _, "permissions", _]) => route(EDIT, SHARE, permissions::update),
        ("DELETE", ["files", _, "permissions", _]) => route(EDIT, SHARE, permissions::delete),
        ("GET", ["files", _, "revisions"]) => route(LIST, LOOK, revisions::list),
        ("GET", ["files", _, "revisions", _]) if wants_media => media(READ | APPDATA | PHOTOS, revisions::media),
        ("GET", ["files", _, "revisions", _]) => route(GET, LOOK, revisions::get),
        ("PATCH", ["files", _, "revisions", _]) => route(EDIT, WRITE, revisions::update),
        ("DELETE", ["files", _, "revisions", _]) => route(EDIT, WRITE, revisions::delete),
        ("GET", ["changes", "startPageToken"]) => route(OTHER, LOOK, changes::start),
        ("GET", ["changes"]) => route(LIST, LOOK, changes::list),
        ("POST", ["changes", "watch"]) => route(OTHER, LOOK, channels::watch_changes),
        ("POST", ["channels", "stop"]) => route(OTHER, LOOK, channels::stop),
        ("GET", ["drives"]) => route(LIST, DRIVES, drives::list),
        ("POST", ["drives"]) => route(EDIT, DRIVE, drives::create),
        ("GET", ["drives", _]) => route(GET, DRIVES, drives::get),
        ("PATCH", ["drives", _]) => route(EDIT, DRIVE, drives::update),
        ("DELETE", ["drives", _]) => route(EDIT, DRIVE, drives::delete),
        _ => None,
    }
}

/// Answers a Drive call; `path` is what follows `/drive/v3`.
pub fn answer(world: &mut World, call: &Call, path: &[&str], upload: bool) -> Answered {
    let mut who = None;
    let mut units = 0;
    let result = attempt(world, call, path, upload, &mut who, &mut units);
    Answered {
        reply: result.unwrap_or_else(|refusal| refusal.reply()),
        user: who.map(|user: usize| world.users[user].email.clone()),
        units,
    }
}

fn attempt(
    world: &mut World,
    call: &Call,
    path: &[&str],
    upload: bool,
    who: &mut Option<usize>,
    units: &mut u64,
) -> Answer {
    let route = find(call, path, upload).ok_or_else(Refusal::no_route)?;
    let caller = caller(world, call)?;
    *who = Some(caller.user);
    if caller.scopes & route.scopes == 0 {
        return Err(Refusal::missing_scope());
    }
    match call.param("alt") {
        None | Some("json") => {}
        Some("media") if route.media => {}
        Some(other) => return Err(Refusal::unsupported_alt(other)),
    }
    quota::charge(world, caller.user, route.units)?;
    *units = route.units;
    let mut visit = Visit { world, call, caller };
    (route.run)(&mut visit, path)
}

/// Who asks, by bearer token in the header or, as the vendor still allows, in the query.
pub fn caller(world: &World, call: &Call) -> Result<Caller, Refusal> {
    let header = call.header("authorization");
    let token = match header {
        Some(header) => match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
            _ => return Err(Refusal::bad_token()),
        },
        None => call.param("access_token"),
    };
    let token = token.ok_or_else(|| Refusal::anonymous(&call.method))?;
    let known: &oauth::AccessToken = world.oauth.live_token(token, world.now).ok_or_else(Refusal::bad_token)?;
    Ok(Caller { user: known.user, client: known.client.clone(), scopes: scopes::bits(&known.scopes) })
}
