//! The metadata a client sends with create, copy and update: read once, checked, applied.
//! Fields nobody may write are ignored, as the vendor ignores them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    clock,
    google::{
        refusal::Refusal,
        visit::Visit,
        world::{channel::FileNews, file::Role},
    },
};

/// Total bytes of one property's key and value.
const PROPERTY_LIMIT: usize = 124;

pub fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

pub fn time(body: &Value, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let time = value.as_str().and_then(clock::parse);
    time.map(Some).ok_or_else(|| Refusal::new(400, "invalid", format!("Invalid value for: {name}")))
}

/// The parent a new file goes to: the one named, or My Drive's root. The caller must be able to write there.
pub fn parent(visit: &Visit<'_>, body: &Value) -> Result<Option<usize>, Refusal> {
    let Some(parents) = body.get("parents").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let parents = parents.as_array().map(Vec::as_slice).unwrap_or_default();
    match parents {
        [] => Ok(None),
        [one] => folder(visit, one.as_str().unwrap_or_default()).map(Some),
        _ => {
            let words = "A shared drive item must have exactly one parent.";
            Err(Refusal::new(403, "multipleParentsInsertProhibited", words))
        }
    }
}

pub fn folder(visit: &Visit<'_>, id: &str) -> Result<usize, Refusal> {
    let (at, role) = visit.find(id, true)?;
    if !visit.world.files[at].is_folder() {
        let words = "The specified parent is not a folder.";
        return Err(Refusal::new(403, "parentNotAFolder", words));
    }
    if role < Role::Writer {
        return Err(Refusal::forbidden(id));
    }
    Ok(at)
}

/// Checks before anything is written, so that a refusal leaves the file as it was.
pub fn check(body: &Value) -> Result<(), Refusal> {
    if !body.is_object() {
        return Err(Refusal::not_json());
    }
    for name in ["name", "mimeType", "description", "folderColorRgb"] {
        if body.get(name).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return Err(Refusal::bad_request(format!("Invalid value for: {name}")));
        }
    }
    for name in ["properties", "appProperties"] {
        for (key, value) in body.get(name).and_then(Value::as_object).into_iter().flatten() {
            let size = key.len() + value.as_str().map_or(0, str::len);
            if size > PROPERTY_LIMIT {
                return Err(Refusal::bad_request(format!("The property {key} is too long.")));
            }
        }
    }
    time(body, "modifiedTime")?;
    time(body, "createdTime")?;
    time(body, "viewedByMeTime")?;
    Ok(())
}

/// Applies everything but place and content. Announces once, or not at all when nothing is new.
pub fn apply(visit: &mut Visit<'_>, file: usize, body: &Value) -> Result<(), Refusal> {
    let (user, client) = (visit.caller.user, visit.caller.client.clone());
    let modified = time(body, "modifiedTime")?;
    let viewed = time(body, "viewedByMeTime")?;
    let fields = [
        "name",
        "description",
        "starred",
        "properties",
        "appProperties",
        "folderColorRgb",
        "copyRequiresWriterPermission",
        "modifiedTime",
        "originalFilename",
        "viewedByMeTime",
    ];
    if !fields.iter().any(|field| body.get(field).is_some()) {
        return Ok(());
    }
    visit.world.alter(file, FileNews::Properties, |world| {
        let it = &mut world.files[file];
        if let Some(name) = text(body, "name") {
            name.clone_into(&mut it.name);
        }
        if let Some(value) = body.get("description") {
            it.description = value.as_str().map(str::to_owned);
        }
        if let Some(color) = text(body, "folderColorRgb") {
            it.folder_color = Some(color.to_owned());
        }
        if let Some(name) = text(body, "originalFilename") {
            it.original_name = Some(name.to_owned());
        }
        match body.get("starred").and_then(Value::as_bool) {
            Some(true) => drop(it.starred.insert(user)),
            Some(false) => drop(it.starred.remove(&user)),
            None => {}
        }
        if let Some(flag) = body.get("copyRequiresWriterPermission").and_then(Value::as_bool) {
            it.copy_restricted = flag;
        }
        merge(&mut it.properties, body.get("properties"));
        if body.get("appProperties").is_some() {
            merge(it.app_properties.entry(client).or_default(), body.get("appProperties"));
        }
        if let Some(modified) = modified {
            it.modified = modified;
            it.modified_by = user;
            it.modified_by_me.insert(user, modified);
        }
        if let Some(viewed) = viewed {
            it.viewed.insert(user, viewed);
        }
    });
    Ok(())
}

/// A null value removes a property.
fn merge(properties: &mut BTreeMap<String, String>, news: Option<&Value>) {
    for (key, value) in news.and_then(Value::as_object).into_iter().flatten() {
        match value.as_str() {
            Some(value) => drop(properties.insert(key.clone(), value.to_owned())),
            None => drop(properties.remove(key)),
        }
    }
}
