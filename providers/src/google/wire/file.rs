//! A file as Drive describes it, and what that means in our words.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::number::{int64, text_or_number};
use super::{User, md5, media};
use crate::{CloudFile, Shortcut};

/// The fields asked for of a file. `thumbnailLink` is left out: it is short-lived and works with our token.
pub const FILE: &str = "id,name,mimeType,size,md5Checksum,headRevisionId,version,modifiedTime,createdTime,trashed,\
    parents,driveId,webViewLink,webContentLink,iconLink,hasThumbnail,thumbnailVersion,exportLinks,resourceKey,\
    shortcutDetails(targetId,targetMimeType,targetResourceKey),ownedByMe,capabilities(canDownload,canEdit),\
    lastModifyingUser(displayName,emailAddress),fileExtension,\
    imageMediaMetadata(width,height,rotation,time,cameraMake,cameraModel,lens,location(latitude,longitude)),\
    videoMediaMetadata(width,height,durationMillis)";

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
    image_media_metadata: Option<media::Image>,
    video_media_metadata: Option<media::Video>,
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
            media: media::media(file.image_media_metadata, file.video_media_metadata),
        }
    }
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
}
