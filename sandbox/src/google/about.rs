//! `about.get`: who the token speaks for, what room is left, which conversions exist. The mask is mandatory.

use serde_json::{Map, Value, json};

use super::{
    files::render,
    formats,
    refusal::Refusal,
    visit::{Answer, Visit},
};
use crate::call::Reply;

const DEFAULT_STORAGE: u64 = 16_106_127_360;

pub fn get(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    if visit.call.param("fields").is_none() {
        let words = "The 'fields' parameter is required for this method.";
        return Err(Refusal::new(400, "required", words).with_location("parameter", "fields"));
    }
    let mask = visit.mask("About", "")?;
    let (world, user) = (&*visit.world, visit.caller.user);
    let sum = |trash: bool| -> u64 {
        let files = world.owned(user).filter(|at| !trash || world.is_trashed(*at));
        files.map(|at| render::quota_bytes(&world.files[at])).sum()
    };
    let mut body = Map::new();
    let mut put = |name: &str, value: &dyn Fn() -> Value| {
        if mask.wants(name) {
            body.insert(name.to_owned(), value());
        }
    };
    put("kind", &|| json!("drive#about"));
    put("user", &|| render::user(world, user, user));
    put("storageQuota", &|| {
        let used = sum(false).to_string();
        json!({
            "limit": world.limits.storage_limit_bytes.unwrap_or(DEFAULT_STORAGE).to_string(),
            "usage": used,
            "usageInDrive": used,
            "usageInDriveTrash": sum(true).to_string(),
        })
    });
    put("exportFormats", &formats::export_table);
    put("importFormats", &formats::import_table);
    put("maxUploadSize", &|| json!("5242880000000"));
    put("appInstalled", &|| json!(true));
    put("canCreateDrives", &|| json!(true));
    put("canCreateTeamDrives", &|| json!(true));
    put("folderColorPalette", &|| json!(["#ac725e", "#d06b64", "#f83a22", "#16a765"]));
    put("driveThemes", &|| json!([]));
    Ok(Reply::json(200, &mask.prune(Value::Object(body))))
}
