//! The changes feed and its push channels.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::json;

use super::call::{EDIT, GET, LIST};
use super::{Google, wire};
use crate::{Access, Change, ChangePage, Cursor, Error, ErrorKind, Push, Result, Watch, WatchRequest, http::Whole};

/// A channel without a stated end lives this long (Drive guide, "Notifications for resource changes").
const USUAL_CHANNEL: Duration = Duration::from_secs(3600);

pub async fn open(google: &Google, access: &Access, drive_id: Option<&str>) -> Result<String> {
    let mut params = vec![("supportsAllDrives", "true"), ("fields", "startPageToken")];
    params.extend(drive_id.map(|id| ("driveId", id)));
    let url = google.url(&["drive", "v3", "changes", "startPageToken"], &params)?;
    let answer: wire::StartPageToken = google.json(access, google.get(access, url, GET)?).await?;
    Ok(answer.start_page_token)
}

pub async fn changes(google: &Google, access: &Access, drive_id: Option<&str>, cursor: &str) -> Result<ChangePage> {
    let fields =
        format!("nextPageToken,newStartPageToken,changes(changeType,removed,fileId,driveId,file({}))", wire::FILE);
    let mut params = scope(drive_id, cursor);
    params.extend([("fields", fields.as_str()), ("pageSize", "1000"), ("includeRemoved", "true")]);
    let url = google.url(&["drive", "v3", "changes"], &params)?;
    let request = google.get(access, url, LIST)?;
    let whole = google.http.fetch(request, google.http.policy().max_json).await?;
    if !whole.status.is_success() {
        return Err(refusal(google, access, &whole, drive_id).await);
    }
    let page: wire::ChangeList = whole.json()?;
    Ok(ChangePage {
        changes: page.changes.into_iter().filter_map(change).collect(),
        cursor: next_cursor(page.next_page_token, page.new_start_page_token, cursor)?,
    })
}

/// What listing and watching a feed have in common.
fn scope<'a>(drive_id: Option<&'a str>, cursor: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut params = vec![
        ("pageToken", cursor),
        ("includeCorpusRemovals", "true"),
        ("includeItemsFromAllDrives", "true"),
        ("supportsAllDrives", "true"),
        ("restrictToMyDrive", "false"),
        ("spaces", "drive"),
    ];
    params.extend(drive_id.map(|id| ("driveId", id)));
    params
}

/// What a refusal to list or to watch a feed means.
async fn refusal(google: &Google, access: &Access, whole: &Whole, drive_id: Option<&str>) -> Error {
    let refusal = google.refusal(access, whole).await;
    match is_cursor_trouble(&refusal.error, refusal.location.as_deref(), drive_id) {
        true => Error { kind: ErrorKind::CursorInvalid, ..refusal.error },
        false => refusal.error,
    }
}

/// Drive has no word for "this token is too old": it calls the parameter invalid, or says not found or gone.
fn is_cursor_trouble(error: &Error, location: Option<&str>, drive_id: Option<&str>) -> bool {
    match error.status {
        Some(400) => {
            location == Some("pageToken") || (location.is_none() && error.reason.as_deref() == Some("invalid"))
        }
        Some(410) => true,
        // For a shared drive's feed, not found is first of all the drive.
        Some(404) => location == Some("pageToken") || drive_id.is_none(),
        _ => false,
    }
}

fn next_cursor(more: Option<String>, end: Option<String>, asked: &str) -> Result<Cursor> {
    match (more, end) {
        (Some(more), _) if more == asked => {
            Err(Error::new(ErrorKind::Malformed, "the feed's next page is the page just read"))
        }
        (Some(more), _) => Ok(Cursor::More(more)),
        (None, Some(end)) => Ok(Cursor::End(end)),
        (None, None) => Err(Error::new(ErrorKind::Malformed, "a page of changes without a way on")),
    }
}

/// `None` for kinds of entry we do not know: the feed must not stand still over news from the future.
fn change(entry: wire::WireChange) -> Option<Change> {
    match entry.change_type.as_deref().unwrap_or("file") {
        // A removed entry may still carry the file, when it only left the list and can be read.
        "file" => match (entry.file, entry.file_id) {
            (Some(file), _) => Some(Change::File(Box::new(file.into()))),
            (None, Some(file_id)) => Some(Change::Removed { file_id }),
            (None, None) => None,
        },
        "drive" => {
            let drive_id = entry.drive_id?;
            Some(if entry.removed { Change::DriveRemoved { drive_id } } else { Change::DriveChanged { drive_id } })
        }
        _ => None,
    }
}

pub async fn watch(
    google: &Google,
    access: &Access,
    drive_id: Option<&str>,
    cursor: &str,
    request: &WatchRequest,
) -> Result<Watch> {
    let url = google.url(&["drive", "v3", "changes", "watch"], &scope(drive_id, cursor))?;
    let body = json!({
        "id": request.channel_id,
        "type": "web_hook",
        "address": request.address,
        "token": request.token,
        "expiration": request.expires_at.timestamp_millis().to_string(),
    });
    let call = google.request(Method::POST, access, url, EDIT)?.body("application/json", body.to_string());
    let whole = google.http.fetch(call, google.http.policy().max_json).await?;
    if !whole.status.is_success() {
        return Err(refusal(google, access, &whole, drive_id).await);
    }
    let channel: wire::Channel = whole.json()?;
    let granted = channel.expiration.and_then(|ms| DateTime::<Utc>::from_timestamp_millis(i64::try_from(ms).ok()?));
    let usual = google.http.pacing().clock().utc() + USUAL_CHANNEL;
    Ok(Watch {
        channel_id: channel.id.unwrap_or_else(|| request.channel_id.clone()),
        resource_id: channel.resource_id,
        expires_at: granted.unwrap_or(usual),
    })
}

pub async fn unwatch(google: &Google, access: &Access, channel_id: &str, resource_id: &str) -> Result<()> {
    let url = google.url(&["drive", "v3", "channels", "stop"], &[])?;
    let body = json!({ "id": channel_id, "resourceId": resource_id }).to_string();
    let call = google.request(Method::POST, access, url, EDIT)?.body("application/json", body);
    match google.fetch(access, call).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        result => result.map(|_| ()),
    }
}

/// Headers of a notification. A missing token is an empty one, which equals no stored token.
pub fn read_push(header: &dyn Fn(&str) -> Option<String>) -> Option<Push> {
    let state = header("X-Goog-Resource-State")?;
    Some(Push {
        channel_id: header("X-Goog-Channel-ID")?,
        resource_id: header("X-Goog-Resource-ID")?,
        token: header("X-Goog-Channel-Token").unwrap_or_default(),
        is_greeting: state == "sync",
        message_number: header("X-Goog-Message-Number").and_then(|number| number.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Change> {
        change(serde_json::from_str(json).expect(json))
    }

    #[test]
    fn entries_say_what_they_are_in_all_their_odd_shapes() {
        assert!(matches!(
            read(r#"{"changeType":"file","fileId":"a","removed":false,"file":{"id":"a"}}"#),
            Some(Change::File(_))
        ));
        assert!(matches!(read(r#"{"fileId":"a","removed":true,"file":{"id":"a"}}"#), Some(Change::File(_))));
        assert_eq!(
            read(r#"{"changeType":"file","fileId":"a","removed":true}"#),
            Some(Change::Removed { file_id: "a".into() })
        );
        assert_eq!(read(r#"{"fileId":"a"}"#), Some(Change::Removed { file_id: "a".into() }));
        assert_eq!(
            read(r#"{"changeType":"drive","driveId":"d","removed":true}"#),
            Some(Change::DriveRemoved { drive_id: "d".into() })
        );
        assert_eq!(
            read(r#"{"changeType":"drive","driveId":"d","drive":{"name":"n"}}"#),
            Some(Change::DriveChanged { drive_id: "d".into() })
        );
        assert_eq!(read(r#"{"changeType":"hologram","fileId":"a"}"#), None);
        assert_eq!(read("{}"), None);
    }

    #[test]
    fn only_the_last_page_ends_the_feed() {
        let next = |more: Option<&str>, end: Option<&str>| next_cursor(more.map(Into::into), end.map(Into::into), "5");
        assert_eq!(next(Some("6"), None).expect("more"), Cursor::More("6".into()));
        assert_eq!(next(None, Some("5")).expect("end"), Cursor::End("5".into()));
        assert_eq!(next(Some("5"), None).expect_err("a loop").kind, ErrorKind::Malformed);
        assert_eq!(next(None, None).expect_err("nothing").kind, ErrorKind::Malformed);
    }

    #[test]
    fn a_dead_cursor_is_told_from_a_lost_drive() {
        let trouble = |status: u16, reason: &str, location: Option<&str>, drive: Option<&str>| {
            let error = Error::new(ErrorKind::BadRequest, "").with_status(status).with_reason(reason);
            is_cursor_trouble(&error, location, drive)
        };
        assert!(trouble(400, "invalid", Some("pageToken"), None));
        assert!(trouble(400, "invalid", None, Some("d")));
        assert!(trouble(404, "notFound", None, None));
        assert!(trouble(410, "gone", None, Some("d")));
        assert!(!trouble(404, "notFound", Some("driveId"), Some("d")));
        assert!(!trouble(400, "invalidParameter", Some("fields"), None));
        assert!(!trouble(403, "userRateLimitExceeded", None, None));
    }

    #[test]
    fn push_headers_are_read_and_foreign_requests_are_not() {
        let headers = |name: &str| {
            Some(match name {
                "X-Goog-Channel-ID" => "c".to_owned(),
                "X-Goog-Resource-ID" => "r".to_owned(),
                "X-Goog-Resource-State" => "sync".to_owned(),
                "X-Goog-Channel-Token" => "t".to_owned(),
                "X-Goog-Message-Number" => "1".to_owned(),
                _ => return None,
            })
        };
        let push = read_push(&headers).expect("a push");
        assert!(push.is_greeting);
        assert_eq!((push.channel_id.as_str(), push.token.as_str(), push.message_number), ("c", "t", Some(1)));
        assert_eq!(read_push(&|_| None), None);
        let unknown_state = |name: &str| match name {
            "X-Goog-Resource-State" => Some("surprise".to_owned()),
            other => headers(other),
        };
        assert!(!read_push(&unknown_state).expect("a push").is_greeting);
    }
}
