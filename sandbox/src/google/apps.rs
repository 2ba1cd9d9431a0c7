//! `apps`: what a user could open a file with. Two apps, enough to show how `openUrlTemplate` is filled.

use serde_json::{Value, json};

use super::{
    refusal::Refusal,
    visit::{Answer, Visit},
};
use crate::call::{Base, Reply};

fn all(base: &Base) -> Vec<Value> {
    let app = |id: &str, name: &str, mimes: &[&str], extensions: &[&str], default: bool| {
        let open = base.url("drive.google.com", &format!("/open-with/{id}"));
        json!({
            "kind": "drive#app",
            "id": id,
            "name": name,
            "objectType": "file",
            "installed": true,
            "authorized": true,
            "supportsCreate": false,
            "supportsMultiOpen": false,
            "useByDefault": default,
            "primaryMimeTypes": mimes,
            "primaryFileExtensions": extensions,
            "secondaryMimeTypes": ["application/octet-stream"],
            "openUrlTemplate": format!("{open}?state={{\"ids\":[{{ids}}],\"exportIds\":[{{exportIds}}],\"action\":\"open\",\"userId\":\"{{userId}}\"}}"),
            "icons": [{
                "category": "application",
                "size": 16,
                "iconUrl": base.url("drive.google.com", &format!("/icons/16/app/{id}")),
            }],
        })
    };
    vec![
        app("100000000001", "Sandbox Notes", &["text/plain", "text/markdown"], &["txt", "md"], true),
        app("100000000002", "Sandbox Paint", &["image/png", "image/jpeg"], &["png", "jpg"], false),
    ]
}

pub fn list(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let mask = visit.mask("AppList", "*")?;
    let wanted = |name: &str| -> Vec<String> {
        let text = visit.call.param(name).unwrap_or_default();
        text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let mimes = wanted("appFilterMimeTypes");
    let extensions = wanted("appFilterExtensions");
    let fits = |app: &Value, field: &str, wanted: &[String]| {
        let have = app[field].as_array().map(Vec::as_slice).unwrap_or_default();
        wanted.iter().any(|one| have.iter().any(|known| known == one))
    };
    let mut apps = all(&visit.call.base);
    if !mimes.is_empty() || !extensions.is_empty() {
        apps.retain(|app| {
            fits(app, "primaryMimeTypes", &mimes)
                || fits(app, "secondaryMimeTypes", &mimes)
                || fits(app, "primaryFileExtensions", &extensions)
        });
    }
    let defaults: Vec<&Value> = apps.iter().filter(|app| app["useByDefault"] == true).map(|app| &app["id"]).collect();
    let body = json!({
        "kind": "drive#appList",
        "selfLink": visit.call.base.url("www.googleapis.com", "/drive/v3/apps"),
        "defaultAppIds": defaults,
        "items": apps,
    });
    Ok(Reply::json(200, &mask.prune(body)))
}

pub fn get(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mask = visit.mask("App", "*")?;
    let found = all(&visit.call.base).into_iter().find(|app| app["id"] == path[1]);
    let app = found.ok_or_else(|| Refusal::no_thing("App", path[1], "appId"))?;
    Ok(Reply::json(200, &mask.prune(app)))
}
