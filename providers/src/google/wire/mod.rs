//! What travels between Drive version 3 and us, as the discovery document describes it. Int64s arrive as strings and
//! sometimes as numbers; what is absent is absent; what we do not use is not here.

mod file;
mod media;
mod number;
mod refusal;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{Drive, Fingerprint, HashKind, Revision};
pub use file::{FILE, File, VIDEO_EDITOR};
use number::{int64, required_text, text_or_number};
pub use refusal::{Envelope, Failure};

pub const REVISION: &str =
    "id,modifiedTime,keepForever,size,md5Checksum,mimeType,lastModifyingUser(displayName,emailAddress)";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub display_name: Option<String>,
    pub email_address: Option<String>,
    pub permission_id: Option<String>,
}

impl User {
    fn label(self) -> Option<String> {
        self.display_name.or(self.email_address)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileList {
    pub files: Vec<File>,
    pub next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriveList {
    pub drives: Vec<WireDrive>,
    pub next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct WireDrive {
    id: String,
    #[serde(default)]
    name: String,
}

impl From<WireDrive> for Drive {
    fn from(drive: WireDrive) -> Self {
        Drive { id: drive.id, name: drive.name }
    }
}

#[derive(Debug, Deserialize)]
pub struct About {
    pub user: User,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThumbnailLink {
    pub thumbnail_link: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeadRevision {
    pub head_revision_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionList {
    pub revisions: Vec<WireRevision>,
    pub next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WireRevision {
    id: String,
    modified_time: Option<DateTime<Utc>>,
    #[serde(default)]
    keep_forever: bool,
    #[serde(default, deserialize_with = "int64")]
    size: Option<u64>,
    md5_checksum: Option<String>,
    mime_type: Option<String>,
    last_modifying_user: Option<User>,
}

impl From<WireRevision> for Revision {
    fn from(revision: WireRevision) -> Self {
        Revision {
            id: revision.id,
            modified_at: revision.modified_time,
            size: revision.size,
            fingerprint: md5(revision.md5_checksum),
            mime_type: revision.mime_type,
            pinned: revision.keep_forever,
            modified_by: revision.last_modifying_user.and_then(User::label),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartPageToken {
    #[serde(deserialize_with = "required_text")]
    pub start_page_token: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeList {
    pub changes: Vec<WireChange>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub next_page_token: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub new_start_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WireChange {
    pub change_type: Option<String>,
    #[serde(default)]
    pub removed: bool,
    pub file_id: Option<String>,
    pub file: Option<File>,
    pub drive_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    pub id: Option<String>,
    pub resource_id: String,
    /// Milliseconds since 1970.
    #[serde(default, deserialize_with = "int64")]
    pub expiration: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct Operation {
    pub name: Option<String>,
    #[serde(default)]
    pub done: Option<bool>,
    pub response: Option<DownloadResponse>,
    pub error: Option<Status>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadResponse {
    pub download_uri: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Status {
    pub code: Option<i32>,
    pub message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppList {
    #[serde(default)]
    pub items: Vec<App>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    #[serde(default)]
    pub name: String,
    pub open_url_template: Option<String>,
    #[serde(default)]
    pub icons: Vec<AppIcon>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppIcon {
    pub icon_url: Option<String>,
}

fn md5(value: Option<String>) -> Option<Fingerprint> {
    value.map(|value| Fingerprint { kind: HashKind::Md5, value: value.to_ascii_lowercase() })
}
