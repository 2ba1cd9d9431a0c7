//! What travels between a cloud and the house, in neutral words: files, changes, links, bytes.

use std::pin::Pin;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::Stream;
use serde::{Deserialize, Serialize};

use crate::Error;

/// A file or folder in a cloud, as the cloud describes it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudFile {
    /// The cloud's own id: the only thing a file is ever matched by.
    pub id: String,
    pub name: String,
    /// The cloud's MIME type; native documents keep the vendor's type.
    pub mime_type: String,
    /// Bytes; absent for folders and for native documents.
    pub size: Option<u64>,
    /// A hash of the bytes; absent where the cloud has no bytes to hash.
    pub fingerprint: Option<Fingerprint>,
    /// The id of the current content revision; absent for native documents.
    pub revision: Option<String>,
    /// A counter that moves with every change, visible or not.
    pub version: Option<String>,
    pub modified_at: Option<DateTime<Utc>>,
    pub created_at: Option<DateTime<Utc>>,
    pub trashed: bool,
    pub parents: Vec<String>,
    /// The shared drive it lives in; `None` for the user's own drive.
    pub drive_id: Option<String>,
    pub web_url: Option<String>,
    /// Starts a download in a browser that is signed in to the cloud.
    pub download_url: Option<String>,
    pub icon_url: Option<String>,
    pub has_thumbnail: bool,
    /// Moves when the cloud has drawn another thumbnail.
    pub thumbnail_version: Option<String>,
    /// Sent along with requests for link-shared files.
    pub resource_key: Option<String>,
    pub can_download: bool,
    pub can_edit: bool,
    pub is_folder: bool,
    /// An editor document without bytes of its own; it is exported, not downloaded.
    pub is_native: bool,
    /// Where it points, when it is a shortcut.
    pub shortcut: Option<Shortcut>,
    pub owned_by_me: Option<bool>,
    pub last_modified_by: Option<String>,
    pub extension: Option<String>,
    /// MIME types the cloud can export this native document to.
    pub export_types: Vec<String>,
    /// What the cloud says of a picture or a film.
    #[serde(default)]
    pub media: Option<Media>,
}

/// What a cloud read out of a picture or a film.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Pixels, as stored.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Quarter turns clockwise from how it is stored to how it is shown.
    pub quarter_turns: Option<u8>,
    /// RFC 3339, without an offset: clouds do not tell one.
    pub taken_at: Option<String>,
    pub camera_make: Option<String>,
    pub camera_model: Option<String>,
    pub lens: Option<String>,
    /// Degrees, WGS 84; north and east are positive.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub duration_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortcut {
    pub target_id: String,
    pub target_mime_type: Option<String>,
    pub target_resource_key: Option<String>,
}

/// A hash of a file's bytes as the cloud computes it, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    pub kind: HashKind,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HashKind {
    Md5,
    Sha1,
    Sha256,
}

/// Where to browse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The top of the user's own drive.
    Root,
    /// The top of a shared drive.
    Drive(String),
    /// Inside a folder; `drive_id` where the folder lies in a shared drive.
    Folder { id: String, drive_id: Option<String>, resource_key: Option<String> },
    /// Files others shared with the user.
    SharedWithMe,
}

/// How to page a listing: `size` is clamped to what the cloud allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub size: Option<u32>,
    /// The cloud's page token from the page before.
    pub page: Option<String>,
}

/// One page; a page may be empty and still have a `next`.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// A shared drive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drive {
    pub id: String,
    pub name: String,
}

/// Whose cloud account it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The cloud's stable account id.
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
}

/// One entry of a changes feed: the present state of one thing, not a delta.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    File(Box<CloudFile>),
    /// Deleted, or no longer visible to us: a read tells.
    Removed {
        file_id: String,
    },
    /// A shared drive's name or rules changed: its files want a look.
    DriveChanged {
        drive_id: String,
    },
    /// The shared drive is gone or we were put out of it.
    DriveRemoved {
        drive_id: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChangePage {
    pub changes: Vec<Change>,
    pub cursor: Cursor,
}

/// Where to go on reading a feed. Both forms are safe to store after the page's effects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// There is another page now.
    More(String),
    /// Caught up; ask again later from here.
    End(String),
}

/// Bytes on their way. The body fails with a typed error when it ends early.
pub struct Download {
    /// 200 or 206.
    pub status: u16,
    pub mime_type: Option<String>,
    /// Bytes of this answer, when the cloud says.
    pub length: Option<u64>,
    /// `Content-Range`, on a 206.
    pub content_range: Option<String>,
    pub body: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("status", &self.status).field("length", &self.length).finish_non_exhaustive()
    }
}

/// A picture of the file, drawn by the cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct Thumbnail {
    pub mime_type: String,
    pub bytes: Bytes,
}

/// A link for the viewer's browser. It works with the viewer's own session at the cloud, never with our token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub kind: LinkKind,
    pub url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkKind {
    /// Opens the cloud's own viewer or editor.
    View,
    /// Can be framed in a page.
    Embed,
    /// Starts a download in the browser.
    Download,
}

/// An application that can open the file in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppLink {
    pub name: String,
    pub url: String,
    pub icon_url: Option<String>,
    pub is_default: bool,
}

/// One stored revision of a file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    pub id: String,
    pub modified_at: Option<DateTime<Utc>>,
    pub size: Option<u64>,
    pub fingerprint: Option<Fingerprint>,
    pub mime_type: Option<String>,
    /// Kept for good by the cloud.
    pub pinned: bool,
    pub modified_by: Option<String>,
}

/// Asks the cloud to ring when a feed has news.
#[derive(Debug, Clone)]
pub struct WatchRequest {
    /// Ours, unique, at most 64 characters.
    pub channel_id: String,
    /// Where the cloud posts to.
    pub address: String,
    /// A random secret that every push must repeat, at most 256 characters.
    pub token: String,
    /// How long we should like it to live.
    pub expires_at: DateTime<Utc>,
}

/// A push channel as the cloud granted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    pub channel_id: String,
    pub resource_id: String,
    pub expires_at: DateTime<Utc>,
}

/// What a push request says of itself, before we know whether to believe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    pub channel_id: String,
    pub token: String,
    pub resource_id: String,
    /// The greeting after a channel was opened: no news.
    pub is_greeting: bool,
    pub message_number: Option<u64>,
}
