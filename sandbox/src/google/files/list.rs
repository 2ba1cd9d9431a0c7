//! `files.list`: browse and search. The first page looks, later pages only turn leaves: a page token names a frozen listing.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value, json};

use super::{DEFAULT, render};
use crate::{
    call::Reply,
    google::{
        query::{self, Eye, Query},
        refusal::Refusal,
        visit::{Answer, Visit},
        world::World,
    },
};

/// Page tokens of listings live hours, unlike those of feeds.
const LIFE_MS: i64 = 3 * 3600 * 1000;
const MOST_LISTINGS: usize = 2000;

#[derive(Debug, Clone)]
struct Leaf {
    user: usize,
    /// What was asked; a token works for the same question only.
    question: String,
    files: Arc<Vec<usize>>,
    next: usize,
    expires: i64,
}

#[derive(Debug, Default)]
pub struct Listings {
    leaves: HashMap<String, Leaf>,
}

pub fn list(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let default = format!("kind,incompleteSearch,nextPageToken,files({DEFAULT})");
    let mask = visit.mask("FileList", &default)?;
    let size = visit.page_size(100, 1000)?;
    let user = visit.caller.user;
    let question = question(visit);
    let (files, start) = match visit.call.param("pageToken").filter(|token| !token.is_empty()) {
        Some(token) => {
            let leaf = visit.world.listings.leaves.get(token);
            let now = visit.world.now;
            let fits = |leaf: &&Leaf| leaf.user == user && leaf.question == question && leaf.expires > now;
            let leaf = leaf.filter(fits).ok_or_else(|| Refusal::invalid("pageToken"))?;
            (leaf.files.clone(), leaf.next)
        }
        None => (Arc::new(look(visit)?), 0),
    };
    let end = (start + size).min(files.len());
    let each = mask.child("files");
    let world = &*visit.world;
    let items: Vec<Value> = if mask.wants("files") {
        let page = files[start..end].iter().filter(|file| !world.files[**file].deleted);
        page.map(|file| render::file(world, &visit.caller, &visit.call.base, *file, &each)).collect()
    } else {
        Vec::new()
    };
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!("drive#fileList"));
    body.insert("incompleteSearch".to_owned(), json!(false));
    body.insert("files".to_owned(), Value::Array(items));
    if end < files.len() {
        let leaf = Leaf { user, question, files, next: end, expires: visit.world.now + LIFE_MS };
        body.insert("nextPageToken".to_owned(), json!(turn(visit.world, leaf)));
    }
    let outer = match &mask {
        crate::google::mask::Mask::Only(fields) => {
            body.retain(|name, _| fields.contains_key(name));
            body
        }
        crate::google::mask::Mask::Everything => body,
    };
    Ok(Reply::json(200, &Value::Object(outer)))
}

fn turn(world: &mut World, leaf: Leaf) -> String {
    let leaves = &mut world.listings.leaves;
    if leaves.len() >= MOST_LISTINGS {
        let now = world.now;
        leaves.retain(|_, leaf| leaf.expires > now);
        if leaves.len() >= MOST_LISTINGS {
            leaves.clear();
        }
    }
    let token = world.ids.page_token();
    world.listings.leaves.insert(token.clone(), leaf);
    token
}

fn question(visit: &Visit<'_>) -> String {
    let parts = ["q", "orderBy", "corpora", "driveId", "spaces", "includeItemsFromAllDrives"];
    parts.map(|name| visit.call.param(name).unwrap_or_default()).join("\u{1}")
}

fn look(visit: &mut Visit<'_>) -> Result<Vec<usize>, Refusal> {
    let text = visit.call.param("q").unwrap_or_default();
    let query = query::parse(text).ok_or_else(|| Refusal::invalid("q"))?;
    let order = visit.call.param("orderBy").unwrap_or_default();
    if !order.is_empty() && query.searches_text() {
        return Err(Refusal::bad_request(
            "Sorting is not supported for queries with fullText terms. Results are always in descending relevance order.",
        ));
    }
    let mut files = corpus(visit, &query)?;
    let (world, user) = (&*visit.world, visit.caller.user);
    let eye = Eye { user, client: &visit.caller.client };
    files.retain(|file| visit.app_sees(*file) && query::matches(world, &eye, &query, *file));
    let order = if order.is_empty() { "modifiedTime desc" } else { order };
    if !query::sort(world, user, order, &mut files) {
        return Err(Refusal::invalid("orderBy"));
    }
    Ok(files)
}

/// The files a listing may show at all.
fn corpus(visit: &Visit<'_>, query: &Query) -> Result<Vec<usize>, Refusal> {
    let call = visit.call;
    let with_drives = call.flag("includeItemsFromAllDrives", false) || call.flag("includeTeamDriveItems", false);
    if with_drives && !visit.all_drives() {
        let words = "The supportsAllDrives parameter must be true when includeItemsFromAllDrives is true.";
        return Err(Refusal::new(403, "supportsTeamDrivesRequired", words));
    }
    match call.param("spaces").unwrap_or("drive") {
        "drive" | "" => {}
        "appDataFolder" | "photos" => return Ok(Vec::new()),
        _ => return Err(Refusal::invalid("spaces")),
    }
    let drive_id = call.param("driveId").or(call.param("teamDriveId"));
    let corpora = call.param("corpora").unwrap_or(if drive_id.is_some() { "drive" } else { "user" });
    let drive = match (corpora, drive_id) {
        ("user" | "domain" | "allDrives", None) => None,
        ("drive", Some(id)) => {
            if !with_drives {
                let words =
                    "The includeItemsFromAllDrives parameter must be set to true when the driveId is specified.";
                return Err(Refusal::bad_request(words).with_location("parameter", "includeItemsFromAllDrives"));
            }
            Some(visit.drive(id)?)
        }
        ("drive", None) => {
            let words = "The driveId must be specified if and only if corpora is set to drive.";
            return Err(Refusal::bad_request(words).with_location("parameter", "driveId"));
        }
        ("user" | "domain" | "allDrives", Some(_)) => {
            let words = "The driveId must be specified if and only if corpora is set to drive.";
            return Err(Refusal::bad_request(words).with_location("parameter", "driveId"));
        }
        _ => return Err(Refusal::invalid("corpora")),
    };
    let (world, user) = (&*visit.world, visit.caller.user);
    let mut files = match (query.parent(), drive) {
        (Some(parent), _) => match visit.resolve(parent) {
            Some(folder) => world.children(folder).collect(),
            None => return Err(Refusal::no_file(".")),
        },
        (None, Some(drive)) => world.drive_files(drive).collect(),
        (None, None) => mine_and_shared(world, user, with_drives),
    };
    files.retain(|file| {
        let of = world.files[*file].drive;
        match drive {
            Some(drive) if of != Some(drive) => return false,
            None if of.is_some() && !with_drives => return false,
            _ => {}
        }
        world.role(user, *file).is_some() || (query.parent().is_some() && world.link_role(Some(user), *file).is_some())
    });
    Ok(files)
}

fn mine_and_shared(world: &World, user: usize, with_drives: bool) -> Vec<usize> {
    let mut files: Vec<usize> = world.owned(user).collect();
    for top in world.granted(user) {
        files.extend(world.subtree(top));
    }
    // What others put into folders of this user.
    let foreign = world.owned(user).filter(|file| world.files[*file].is_folder());
    let foreign: Vec<usize> = foreign.flat_map(|folder| world.children(folder)).collect();
    files.extend(foreign);
    if with_drives {
        for drive in 0..world.drives.len() {
            if world.member_role(drive, user).is_some() {
                files.extend(world.drive_files(drive));
            }
        }
    }
    files.sort_unstable();
    files.dedup();
    files
}
