//! `changes`: the start of a feed and what came since, page by page. `newStartPageToken` stands on the last page only.

use serde_json::{Map, Value, json};

use super::{
    drives,
    files::{DEFAULT, render},
    mask::Mask,
    refusal::Refusal,
    visit::{Answer, Visit},
    world::feed::{Entry, FeedOf, Subject, see},
};
use crate::{call::Reply, clock::rfc3339};

const DEFAULT_CHANGE: &str = "kind,type,changeType,time,removed,fileId,driveId";

/// Which feed a call names, checked for access.
pub fn feed(visit: &Visit<'_>) -> Result<FeedOf, Refusal> {
    let drive = visit.call.param("driveId").or(visit.call.param("teamDriveId"));
    match drive.filter(|id| !id.is_empty()) {
        None => Ok(FeedOf::User(visit.caller.user)),
        Some(_) if !visit.all_drives() => {
            let words = "The supportsAllDrives parameter must be true when a driveId is given.";
            Err(Refusal::new(403, "supportsTeamDrivesRequired", words))
        }
        Some(id) => Ok(FeedOf::Drive(visit.drive(id)?)),
    }
}

pub fn start(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let mask = visit.mask("StartPageToken", "*")?;
    feed(visit)?;
    let cursor = visit.world.feeds.cursor().to_string();
    let body = json!({"kind": "drive#startPageToken", "startPageToken": cursor});
    Ok(Reply::json(200, &mask.prune(body)))
}

/// The cursor a call carries; anything this world did not hand out is foreign.
pub fn cursor(visit: &Visit<'_>) -> Result<u64, Refusal> {
    let text = visit.call.param("pageToken").ok_or_else(|| Refusal::required("pageToken"))?;
    let cursor: Option<u64> = text.parse().ok();
    let known = cursor.filter(|cursor| visit.world.feeds.is_valid(*cursor));
    known.ok_or_else(|| Refusal::invalid("pageToken"))
}

pub fn list(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let default =
        format!("kind,nextPageToken,newStartPageToken,changes({DEFAULT_CHANGE},file({DEFAULT}),drive(kind,id,name))");
    let mask = visit.mask("ChangeList", &default)?;
    let size = visit.page_size(100, 1000)?;
    let of = feed(visit)?;
    let cursor = cursor(visit)?;
    let lens = Lens::of(visit)?;
    let each = mask.child("changes");
    let mut changes = Vec::new();
    let mut next = None;
    let entries = visit.world.feeds.since(of, cursor);
    for (read, (after, entry)) in entries.enumerate() {
        if read == size {
            next = Some(after - 1);
            break;
        }
        if let Some(change) = lens.show(visit, of, &entry, &each) {
            changes.push(change);
        }
    }
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!("drive#changeList"));
    match next {
        Some(next) => body.insert("nextPageToken".to_owned(), json!(next.to_string())),
        None => {
            let fresh = visit.world.feeds.cursor().to_string();
            body.insert("newStartPageToken".to_owned(), json!(fresh))
        }
    };
    body.insert("changes".to_owned(), Value::Array(changes));
    if let Mask::Only(fields) = &mask {
        body.retain(|name, _| fields.contains_key(name));
    }
    Ok(Reply::json(200, &Value::Object(body)))
}

/// What a call wants to see of a feed.
struct Lens {
    parts: u8,
    removed: bool,
    corpus_removals: bool,
}

impl Lens {
    fn of(visit: &Visit<'_>) -> Result<Self, Refusal> {
        let call = visit.call;
        let with_drives = call.flag("includeItemsFromAllDrives", false) || call.flag("includeTeamDriveItems", false);
        if with_drives && !visit.all_drives() {
            let words = "The supportsAllDrives parameter must be true when includeItemsFromAllDrives is true.";
            return Err(Refusal::new(403, "supportsTeamDrivesRequired", words));
        }
        let mut parts = see::MINE;
        if !call.flag("restrictToMyDrive", false) {
            parts |= see::SHARED;
            if with_drives {
                parts |= see::DRIVE;
            }
        }
        Ok(Self {
            parts,
            removed: call.flag("includeRemoved", true),
            corpus_removals: call.flag("includeCorpusRemovals", false),
        })
    }

    fn show(&self, visit: &Visit<'_>, of: FeedOf, entry: &Entry, mask: &Mask) -> Option<Value> {
        match entry.subject {
            Subject::File(file) => self.file(visit, of, entry, file, mask),
            Subject::Drive(drive) => self.drive(visit, of, entry, drive, mask),
        }
    }

    fn file(&self, visit: &Visit<'_>, of: FeedOf, entry: &Entry, file: usize, mask: &Mask) -> Option<Value> {
        let (world, user) = (&*visit.world, visit.caller.user);
        let now = world.category(user, file);
        let (listed, was_listed) = match of {
            FeedOf::User(_) => (now & self.parts != 0, entry.was & self.parts != 0),
            FeedOf::Drive(drive) => (now != 0 && world.files[file].drive == Some(drive), true),
        };
        let app_sees = visit.app_sees(file);
        if !app_sees || !(listed || (was_listed && self.removed)) {
            return None;
        }
        let mut change = json!({
            "kind": "drive#change",
            "type": "file",
            "changeType": "file",
            "time": rfc3339(entry.at),
            "removed": !listed,
            "fileId": world.files[file].id,
        });
        let reachable = listed || (self.corpus_removals && now != 0);
        if reachable && mask.wants("file") {
            let body = render::file(world, &visit.caller, &visit.call.base, file, &mask.child("file"));
            change["file"] = body;
        }
        Some(mask.prune(change))
    }

    fn drive(&self, visit: &Visit<'_>, of: FeedOf, entry: &Entry, drive: usize, mask: &Mask) -> Option<Value> {
        let with_drives = visit.all_drives() || matches!(of, FeedOf::Drive(_));
        let gone = visit.world.member_role(drive, visit.caller.user).is_none();
        if !with_drives || (gone && !self.removed) {
            return None;
        }
        let id = &visit.world.drives[drive].id;
        let mut change = json!({
            "kind": "drive#change",
            "type": "drive",
            "changeType": "drive",
            "time": rfc3339(entry.at),
            "removed": gone,
            "driveId": id,
            "teamDriveId": id,
        });
        if !gone {
            change["drive"] = drives::render(visit.world, visit.caller.user, drive);
        }
        Some(mask.prune(change))
    }
}
