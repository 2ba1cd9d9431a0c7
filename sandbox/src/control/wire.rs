//! What travels over the control API, for both its ends. Absent means "as the vendor would do by default".

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    pub now_ms: i64,
    pub users: usize,
    pub drives: usize,
    pub files: usize,
    pub requests: u64,
    pub channels: usize,
    pub pushes_enabled: bool,
    pub pushes_delivered: u64,
    pub pushes_lost: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserState {
    pub email: String,
    pub display_name: String,
    pub permission_id: String,
    /// Id of the My Drive root.
    pub root_id: String,
}

/// A registered OAuth client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientState {
    pub id: String,
    /// Empty: a public client that must use PKCE.
    #[serde(default)]
    pub secret: String,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Any port and path on a loopback host is a good redirect.
    #[serde(default)]
    pub any_loopback: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DriveState {
    pub id: String,
    pub name: String,
    /// `(email, role)`.
    pub members: Vec<(String, String)>,
}

/// What to create. One of `text` and `base64` gives the content; neither makes an empty file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewFile {
    /// E-mail of the owner; in a shared drive, of the creator.
    pub owner: String,
    pub name: String,
    /// Absent: guessed from the name.
    #[serde(default)]
    pub mime_type: Option<String>,
    /// Id of the parent folder; absent: the root of `drive` or of My Drive.
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default)]
    pub drive: Option<String>,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub base64: Option<String>,
}

/// Many small text files at once, named `{prefix}{number}.txt`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Bulk {
    pub owner: String,
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default)]
    pub drive: Option<String>,
    pub count: usize,
    pub prefix: String,
    /// `{n}` in it becomes the number.
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub mime_type: Option<String>,
}

/// New content; `by` (an e-mail) is the editor, the owner when absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Edit {
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub base64: Option<String>,
    #[serde(default)]
    pub mime_type: Option<String>,
    #[serde(default)]
    pub by: Option<String>,
}

/// `email` absent: anyone with the link.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Share {
    #[serde(default)]
    pub email: Option<String>,
    /// `reader`, `commenter`, `writer`; in shared drives also `fileOrganizer`, `organizer`.
    #[serde(default)]
    pub role: Option<String>,
    /// Link access needs the resource key from now on.
    #[serde(default)]
    pub resource_key: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileState {
    pub id: String,
    pub name: String,
    pub mime_type: String,
    pub owner: Option<String>,
    pub parent: Option<String>,
    pub drive: Option<String>,
    pub trashed: bool,
    pub deleted: bool,
    pub size: u64,
    pub md5: Option<String>,
    pub version: u64,
    pub thumbnail_version: u64,
    pub head_revision: Option<String>,
    pub revisions: usize,
    pub pinned: usize,
    pub modified_ms: i64,
    pub shortcut_target: Option<String>,
    pub resource_key: Option<String>,
    /// `(email or "anyone", role)`, direct only.
    pub shared_with: Vec<(String, String)>,
}

/// Something that goes wrong for requests that match. With neither `status` nor `html` the real answer is
/// given late, cut, or not at all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Fault {
    #[serde(default)]
    pub method: Option<String>,
    /// The vendor's path: a prefix of whole segments, or a glob with `*`.
    pub path: String,
    /// Part of the query string, such as `alt=media`.
    #[serde(default)]
    pub query: Option<String>,
    #[serde(default)]
    pub status: Option<u16>,
    /// Google's `errors[0].reason`, or the OAuth `error`.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub retry_after_s: Option<u64>,
    #[serde(default)]
    pub latency_ms: Option<u64>,
    #[serde(default)]
    pub truncate_at: Option<usize>,
    #[serde(default)]
    pub drop_connection: bool,
    #[serde(default)]
    pub html: Option<String>,
    /// Absent: until cleared.
    #[serde(default)]
    pub times: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    pub number: u64,
    pub at_ms: i64,
    pub method: String,
    pub path: String,
    pub query: String,
    pub status: u16,
    pub user: Option<String>,
    pub units: u64,
}

/// Units per minute, and switches where the vendor's documentation and practice differ.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Limits {
    #[serde(default)]
    pub user_units_per_minute: Option<u64>,
    #[serde(default)]
    pub project_units_per_minute: Option<u64>,
    /// `true`: over quota answers 429 `rateLimitExceeded` instead of 403 `userRateLimitExceeded`.
    #[serde(default)]
    pub answer_429: Option<bool>,
    /// `true`: push addresses must be https, loopback included.
    #[serde(default)]
    pub push_https_only: Option<bool>,
    /// `true`: old unpinned revisions can be downloaded.
    #[serde(default)]
    pub unpinned_revisions_downloadable: Option<bool>,
    /// Largest result of `files.export`; 10 MB when absent.
    #[serde(default)]
    pub export_limit_bytes: Option<u64>,
    /// Storage of every user, in bytes.
    #[serde(default)]
    pub storage_limit_bytes: Option<u64>,
}

/// How a person answers the consent page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Consent {
    pub account: String,
    #[serde(default)]
    pub deny: bool,
    /// The scopes left ticked; absent: all.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// File ids picked when the request triggers the picker.
    #[serde(default)]
    pub picked: Vec<String>,
}
