//! `files.export`: a native document in another format, up to 10 MB of result.

use crate::{
    call::Reply,
    google::{
        formats,
        refusal::Refusal,
        visit::{Answer, Visit},
        world::file::{File, Role},
    },
};

const LIMIT: u64 = 10 * 1024 * 1024;

pub fn export(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let mime = visit.call.param("mimeType").ok_or_else(|| Refusal::required("mimeType"))?;
    // This method has no supportsAllDrives; shared drives are always in reach.
    let (file, role) = visit.find(path[1], false)?;
    let it = &visit.world.files[file];
    let (mime, body) = convert(it, role, mime)?;
    let limit = visit.world.limits.export_limit_bytes.unwrap_or(LIMIT);
    if body.len() as u64 > limit {
        let words = "This file is too large to be exported.";
        return Err(Refusal::new(403, "exportSizeLimitExceeded", words));
    }
    Ok(Reply::new(200, mime, body))
}

/// The converted bytes with their type, or why not.
pub fn convert<'a>(it: &File, role: Role, mime: &'a str) -> Result<(&'a str, Vec<u8>), Refusal> {
    if !it.is_editors_document() {
        let words = "Export only supports Docs Editors files.";
        return Err(Refusal::new(403, "fileNotExportable", words));
    }
    if it.copy_restricted && role < Role::Writer {
        let words = "This file cannot be exported by the user.";
        return Err(Refusal::new(403, "cannotExportFile", words));
    }
    let converted = formats::export(&it.mime, &it.name, &it.bytes(), mime);
    let body = converted.ok_or_else(|| {
        Refusal::bad_request("The requested conversion is not supported.").with_location("parameter", "convertTo")
    })?;
    Ok((mime, body))
}
