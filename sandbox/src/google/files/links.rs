//! Links that a file carries: to its page, its bytes, its exports, its icon. They lead back to this sandbox.
//! What a browser gets there depends on its own session, not on the token of whoever read the link.

use serde_json::{Map, Value, json};

use super::render::Writer;
use crate::{
    call::Base,
    google::{
        formats,
        world::{World, file::File},
    },
};

pub fn put(out: &mut Writer<'_>, world: &World, base: &Base, at: usize) {
    let it = &world.files[at];
    out.put("webViewLink", || json!(view(base, it)));
    out.put("iconLink", || json!(base.url("drive.google.com", &format!("/icons/16/type/{}", it.mime))));
    if it.is_blob() {
        out.put("webContentLink", || {
            let path = format!("/uc?id={}&export=download", it.id);
            json!(base.url("drive.google.com", &with_key(path, it)))
        });
    }
    if it.is_editors_document() {
        out.put("exportLinks", || exports(base, it, None));
    }
}

/// One link per target type; for a revision when one is named.
pub fn exports(base: &Base, it: &File, revision: Option<&str>) -> Value {
    let Some(kind) = editor(&it.mime) else {
        return Value::Null;
    };
    let links = formats::targets(&it.mime).iter().map(|(short, mime)| {
        let mut path = format!("/{kind}/export?id={}&exportFormat={short}", it.id);
        if let Some(revision) = revision {
            path += &format!("&revision={revision}");
        }
        ((*mime).to_owned(), json!(base.url("docs.google.com", &path)))
    });
    let links: Map<String, Value> = links.collect();
    if links.is_empty() { Value::Null } else { Value::Object(links) }
}

pub fn view(base: &Base, it: &File) -> String {
    if it.is_folder() {
        return base.url("drive.google.com", &with_key(format!("/drive/folders/{}", it.id), it));
    }
    match editor(&it.mime) {
        Some(kind) => {
            let path = format!("/{kind}/d/{}/edit?usp=drivesdk", it.id);
            base.url("docs.google.com", &with_key(path, it))
        }
        None => {
            let path = format!("/file/d/{}/view?usp=drivesdk", it.id);
            base.url("drive.google.com", &with_key(path, it))
        }
    }
}

fn with_key(path: String, it: &File) -> String {
    match &it.resource_key {
        Some(key) => {
            let joint = if path.contains('?') { '&' } else { '?' };
            format!("{path}{joint}resourcekey={key}")
        }
        None => path,
    }
}

/// The path word of an editor.
pub fn editor(mime: &str) -> Option<&'static str> {
    match mime.strip_prefix("application/vnd.google-apps.")? {
        "document" => Some("document"),
        "spreadsheet" => Some("spreadsheets"),
        "presentation" => Some("presentation"),
        "drawing" => Some("drawings"),
        "form" => Some("forms"),
        _ => None,
    }
}
