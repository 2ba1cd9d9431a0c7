//! What travels between Drive version 3 and us, as the discovery document describes it. Int64s arrive as strings and
//! sometimes as numbers; what is absent is absent; what we do not use is not here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{CloudFile, Drive, Fingerprint, HashKind, Revision, Shortcut};

/// The fields asked for of a file. `thumbnailLink` is left out: it is short-lived and works with our token.
pub const FILE: &str = "id,name,mimeType,size,md5Checksum,headRevisionId,version,modifiedTime,createdTime,trashed,\
    parents,driveId,webViewLink,webContentLink,iconLink,hasThumbnail,thumbnailVersion,exportLinks,resourceKey,\
    shortcutDetails(targetId,targetMimeType,targetResourceKey),ownedByMe,capabilities(canDownload,canEdit),\
    lastModifyingUser(displayName,emailAddress),fileExtension";

pub const REVISION: &str =
    "id,modifiedTime,keepForever,size,md5Checksum,mimeType,lastModifyingUser(displayName,emailAddress)";

pub const FOLDER: &str = "application/vnd.google-apps.folder";
pub const SHORTCUT: &str = "application/vnd.google-apps.shortcut";
pub const VIDEO_EDITOR: &str = "application/vnd.google-apps.vid";
const NATIVE: &str = "application/vnd.google-apps.";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    mime_type: String,
    #[serde(default, deserialize_with = "int64")]
    size: Option<u64>,
    md5_checksum: Option<String>,
    pub head_revision_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    version: Option<String>,
    modified_time: Option<DateTime<Utc>>,
    created_time: Option<DateTime<Utc>>,
    #[serde(default)]
    trashed: bool,
    #[serde(default)]
    parents: Vec<String>,
    drive_id: Option<String>,
    web_view_link: Option<String>,
    web_content_link: Option<String>,
    icon_link: Option<String>,
    #[serde(default)]
    has_thumbnail: bool,
    #[serde(default, deserialize_with = "text_or_number")]
    thumbnail_version: Option<String>,
    #[serde(default)]
    export_links: std::collections::BTreeMap<String, serde::de::IgnoredAny>,
    resource_key: Option<String>,
    shortcut_details: Option<ShortcutDetails>,
    owned_by_me: Option<bool>,
    #[serde(default)]
    capabilities: Capabilities,
    last_modifying_user: Option<User>,
    file_extension: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShortcutDetails {
    target_id: String,
    target_mime_type: Option<String>,
    target_resource_key: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities {
    can_download: Option<bool>,
    can_edit: Option<bool>,
}

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

impl From<File> for CloudFile {
    fn from(file: File) -> Self {
        let is_folder = file.mime_type == FOLDER;
        let is_native = file.mime_type.starts_with(NATIVE) && !is_folder && file.mime_type != SHORTCUT;
        CloudFile {
            is_folder,
            is_native,
            // Drive gives native documents a size, of something that cannot be downloaded.
            size: file.size.filter(|_| !is_native),
            fingerprint: md5(file.md5_checksum),
            // Absent capabilities mean that the mask left them out, not that they were denied.
            can_download: file.capabilities.can_download.unwrap_or(true),
            can_edit: file.capabilities.can_edit.unwrap_or(false),
            shortcut: file.shortcut_details.map(|details| Shortcut {
                target_id: details.target_id,
                target_mime_type: details.target_mime_type,
                target_resource_key: details.target_resource_key,
            }),
            export_types: file.export_links.into_keys().collect(),
            last_modified_by: file.last_modifying_user.and_then(User::label),
            id: file.id,
            name: file.name,
            mime_type: file.mime_type,
            revision: file.head_revision_id,
            version: file.version,
            modified_at: file.modified_time,
            created_at: file.created_time,
            trashed: file.trashed,
            parents: file.parents,
            drive_id: file.drive_id,
            web_url: file.web_view_link,
            download_url: file.web_content_link,
            icon_url: file.icon_link,
            has_thumbnail: file.has_thumbnail,
            thumbnail_version: file.thumbnail_version,
            resource_key: file.resource_key,
            owned_by_me: file.owned_by_me,
            extension: file.file_extension,
        }
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

/// `{"error": {…}}`, and the shorter `{"error": "word"}` of the OAuth endpoints.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    pub error: Failure,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Failure {
    Api {
        #[serde(default)]
        message: String,
        #[serde(default)]
        errors: Vec<Reason>,
        #[serde(default)]
        details: Vec<Detail>,
    },
    Word(String),
}

#[derive(Debug, Deserialize)]
pub struct Reason {
    pub reason: Option<String>,
    pub location: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Detail {
    pub reason: Option<String>,
}

fn md5(value: Option<String>) -> Option<Fingerprint> {
    value.map(|value| Fingerprint { kind: HashKind::Md5, value: value.to_ascii_lowercase() })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Number(u64),
}

fn int64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Option::<TextOrNumber>::deserialize(deserializer)? {
        None => Ok(None),
        Some(TextOrNumber::Number(number)) => Ok(Some(number)),
        Some(TextOrNumber::Text(text)) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<TextOrNumber>::deserialize(deserializer)?.map(|value| match value {
        TextOrNumber::Text(text) => text,
        TextOrNumber::Number(number) => number.to_string(),
    }))
}

fn required_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text_or_number(deserializer)?.ok_or_else(|| D::Error::missing_field("startPageToken"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(json: &str) -> CloudFile {
        serde_json::from_str::<File>(json).expect(json).into()
    }

    #[test]
    fn numbers_arrive_as_strings_or_as_numbers() {
        for json in [
            r#"{"id":"a","mimeType":"text/plain","size":"12","version":"7","thumbnailVersion":"3"}"#,
            r#"{"id":"a","mimeType":"text/plain","size":12,"version":7,"thumbnailVersion":3}"#,
        ] {
            let file = file(json);
            assert_eq!(file.size, Some(12));
            assert_eq!(file.version.as_deref(), Some("7"));
            assert_eq!(file.thumbnail_version.as_deref(), Some("3"));
        }
        assert!(serde_json::from_str::<File>(r#"{"id":"a","size":"-1"}"#).is_err());
        assert!(serde_json::from_str::<File>(r#"{"id":"a","size":"many"}"#).is_err());
    }

    #[test]
    fn what_is_absent_or_null_stays_absent() {
        let file = file(r#"{"id":"a","size":null,"unknown":{"deep":[1]}}"#);
        assert_eq!(file.size, None);
        assert_eq!(file.fingerprint, None);
        assert_eq!(file.revision, None);
        assert_eq!(file.web_url, None);
        assert!(!file.trashed && file.parents.is_empty() && !file.is_folder && !file.is_native);
        assert!(serde_json::from_str::<File>("{}").is_err());
    }

    #[test]
    fn native_documents_have_no_bytes_whatever_their_size_says() {
        let file = file(
            r#"{"id":"a","mimeType":"application/vnd.google-apps.document","size":"1024",
                "exportLinks":{"application/pdf":"https://x","text/plain":"https://y"}}"#,
        );
        assert!(file.is_native && !file.is_folder);
        assert_eq!(file.size, None);
        assert_eq!(file.export_types, ["application/pdf", "text/plain"]);
    }

    #[test]
    fn folders_and_shortcuts_are_not_native_documents() {
        assert!(file(r#"{"id":"a","mimeType":"application/vnd.google-apps.folder"}"#).is_folder);
        let shortcut = file(
            r#"{"id":"a","mimeType":"application/vnd.google-apps.shortcut",
                "shortcutDetails":{"targetId":"t","targetResourceKey":"k"}}"#,
        );
        assert!(!shortcut.is_native && !shortcut.is_folder);
        let target = shortcut.shortcut.expect("a target");
        assert_eq!((target.target_id.as_str(), target.target_resource_key.as_deref()), ("t", Some("k")));
    }

    #[test]
    fn both_error_envelopes_are_understood() {
        let api: Envelope = serde_json::from_str(
            r#"{"error":{"code":403,"message":"m","errors":[{"domain":"global","reason":"r"}],"status":"S"}}"#,
        )
        .expect("the API's form");
        assert!(matches!(api.error, Failure::Api { ref errors, .. } if errors.len() == 1));
        let oauth: Envelope =
            serde_json::from_str(r#"{"error":"invalid_grant","error_description":"d"}"#).expect("the OAuth form");
        assert!(matches!(oauth.error, Failure::Word(ref word) if word == "invalid_grant"));
    }
}
