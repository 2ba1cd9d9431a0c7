//! Looking around: who we are, what lies where, what matches, and single files by id.

use super::call::{GET, LIST, bad_request, resource_keys, with_resource_keys};
use super::{Google, query, wire};
use crate::{Access, Account, CloudFile, Drive, Listing, Page, Place, Result};

const MAX_FILES: u32 = 1000;
const MAX_DRIVES: u32 = 100;
const USUAL: u32 = 100;

pub async fn account(google: &Google, access: &Access) -> Result<Account> {
    let fields = [("fields", "user(displayName,emailAddress,permissionId)")];
    let request = google.get(access, google.url(&["drive", "v3", "about"], &fields)?, GET)?;
    let about: wire::About = google.json(access, request).await?;
    let id = about.user.permission_id.or_else(|| about.user.email_address.clone());
    Ok(Account {
        id: id.ok_or_else(|| crate::Error::new(crate::ErrorKind::Malformed, "an account without an id"))?,
        email: about.user.email_address,
        name: about.user.display_name,
    })
}

pub async fn browse(google: &Google, access: &Access, place: &Place, listing: &Listing) -> Result<Page<CloudFile>> {
    let q = query::at(place);
    let mut params = vec![("q", q.as_str()), ("orderBy", "folder,name_natural")];
    let mut keys = None;
    match place {
        Place::Root | Place::SharedWithMe => {}
        Place::Drive(id) => params.extend([("corpora", "drive"), ("driveId", id.as_str())]),
        Place::Folder { id, drive_id, resource_key } => {
            keys = resource_keys([(id.as_str(), resource_key.as_deref())].into_iter());
            if let Some(drive_id) = drive_id {
                params.extend([("corpora", "drive"), ("driveId", drive_id.as_str())]);
            }
        }
    }
    list(google, access, params, keys, listing).await
}

/// Drive orders full-text results itself and refuses any other order.
pub async fn search(google: &Google, access: &Access, words: &str, listing: &Listing) -> Result<Page<CloudFile>> {
    if words.trim().is_empty() {
        return Err(bad_request("a search needs words to look for"));
    }
    let q = query::matching(words.trim());
    list(google, access, vec![("q", &q), ("corpora", "allDrives")], None, listing).await
}

async fn list(
    google: &Google,
    access: &Access,
    mut params: Vec<(&str, &str)>,
    keys: Option<String>,
    listing: &Listing,
) -> Result<Page<CloudFile>> {
    let size = listing.size.unwrap_or(USUAL).clamp(1, MAX_FILES).to_string();
    let fields = format!("nextPageToken,files({})", wire::FILE);
    params.extend([
        ("fields", fields.as_str()),
        ("pageSize", size.as_str()),
        ("spaces", "drive"),
        ("supportsAllDrives", "true"),
        ("includeItemsFromAllDrives", "true"),
    ]);
    if let Some(page) = &listing.page {
        params.push(("pageToken", page));
    }
    let request = google.get(access, google.url(&["drive", "v3", "files"], &params)?, LIST)?;
    let answer: wire::FileList = google.json(access, with_resource_keys(request, keys)?).await?;
    Ok(Page { items: answer.files.into_iter().map(Into::into).collect(), next: answer.next_page_token })
}

pub async fn drives(google: &Google, access: &Access, listing: &Listing) -> Result<Page<Drive>> {
    let size = listing.size.unwrap_or(USUAL).clamp(1, MAX_DRIVES).to_string();
    let mut params = vec![("fields", "nextPageToken,drives(id,name)"), ("pageSize", size.as_str())];
    if let Some(page) = &listing.page {
        params.push(("pageToken", page));
    }
    let request = google.get(access, google.url(&["drive", "v3", "drives"], &params)?, LIST)?;
    let answer: wire::DriveList = google.json(access, request).await?;
    Ok(Page { items: answer.drives.into_iter().map(Into::into).collect(), next: answer.next_page_token })
}

/// `fields` of one file, as whatever type has those fields.
pub async fn file<T: serde::de::DeserializeOwned>(
    google: &Google,
    access: &Access,
    id: &str,
    resource_key: Option<&str>,
    fields: &str,
) -> Result<T> {
    let url = google.url(&["drive", "v3", "files", id], &[("fields", fields), ("supportsAllDrives", "true")])?;
    let keys = resource_keys([(id, resource_key)].into_iter());
    google.json(access, with_resource_keys(google.get(access, url, GET)?, keys)?).await
}
