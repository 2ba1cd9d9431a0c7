//! Where the links lead: view and edit pages, browser downloads, exports for browsers, operation downloads.
//! A browser is known by the session a consent page gave it; without one it is sent to a sign-in page.

use super::{
    files::{export, links, media},
    formats, operations, routes, scopes,
    visit::Visit,
    world::{World, access::ResourceKeys, file::Role},
};
use crate::call::{Call, Reply, escape};

pub fn answer(world: &mut World, call: &Call) -> Reply {
    let parts: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let named = call.param("id");
    match parts.as_slice() {
        ["download", name] => operation(world, call, name),
        ["file", "d", id, "view" | "preview" | "edit"]
        | [_, "d", id, "view" | "preview" | "edit"]
        | ["drive", "folders", id] => with_file(world, call, id, |world, file, _| page(world, call, file)),
        ["uc"] => with_file(world, call, named.unwrap_or_default(), |world, file, role| {
            let it = &world.files[file];
            match it.head() {
                Some(head) if it.is_blob() && media::allowed(it, role).is_ok() => {
                    let name = it.name.replace(['"', '\\', '\r', '\n'], "_");
                    media::bytes(call, &head.blob, &head.mime)
                        .with("Content-Disposition", format!("attachment; filename=\"{name}\""))
                }
                _ => missing(),
            }
        }),
        [_, "export"] => with_file(world, call, named.unwrap_or_default(), |world, file, role| {
            let it = &world.files[file];
            let short = call.param("exportFormat").unwrap_or_default();
            let target = formats::targets(&it.mime).iter().find(|(known, _)| *known == short);
            let converted = target.and_then(|(_, mime)| export::convert(it, role, mime).ok());
            converted.map_or_else(missing, |(mime, body)| Reply::new(200, mime, body))
        }),
        ["icons", ..] => Reply::new(200, "image/png", icon(&call.path)),
        _ => missing(),
    }
}

fn icon(path: &str) -> Vec<u8> {
    formats::picture::png(&formats::picture::Canvas::draw(path.as_bytes(), 16, 16))
}

fn missing() -> Reply {
    Reply::html(404, "<!doctype html><title>Not found</title><p>Not found.</p>\n".to_owned())
}

fn operation(world: &mut World, call: &Call, name: &str) -> Reply {
    let caller = match routes::caller(world, call) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.reply(),
    };
    let mut visit = Visit { world, call, caller };
    operations::download(&mut visit, name).unwrap_or_else(|refusal| refusal.reply())
}

/// Finds the file with the browser's own eyes, or anybody's when it is open to all.
fn with_file(world: &World, call: &Call, id: &str, show: impl FnOnce(&World, usize, Role) -> Reply) -> Reply {
    let Some(file) = world.file(id) else {
        return missing();
    };
    let mut keys = ResourceKeys::new();
    if let Some(key) = call.param("resourcekey") {
        keys.insert(id.to_owned(), key.to_owned());
    }
    let session = call.cookie("SID").and_then(|sid| world.oauth.sessions.get(&sid).copied());
    // Export links are also fetched by programs, with the token that read them.
    let token = routes::caller(world, call).ok();
    let token = token.filter(|caller| caller.scopes & scopes::READ != 0).map(|caller| caller.user);
    let session = session.or(token);
    let open = world.link_role(None, file).filter(|_| {
        let it = &world.files[file];
        !it.key_required || keys.get(id) == it.resource_key.as_ref()
    });
    let role = session.and_then(|user| world.reach(user, file, &keys)).max(open);
    match (role, session) {
        (Some(role), _) => show(world, file, role),
        (None, Some(_)) => missing(),
        (None, None) => {
            let body = "<!doctype html><title>Sign in - Google Accounts</title><p>Sign in to continue.</p>\n";
            Reply::html(401, body.to_owned())
        }
    }
}

fn page(world: &World, call: &Call, file: usize) -> Reply {
    let it = &world.files[file];
    let content = if it.mime.starts_with("text/") || it.is_editors_document() {
        format!("<pre>{}</pre>", escape(&String::from_utf8_lossy(&it.bytes())))
    } else {
        format!("<p>{}</p>", escape(&it.mime))
    };
    Reply::html(
        200,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head><body><h1>{0}</h1>\
             {content}<p><a href=\"{1}\">Link</a></p></body></html>\n",
            escape(&it.name),
            escape(&links::view(&call.base, it))
        ),
    )
}
