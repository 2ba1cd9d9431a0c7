//! Revisions: what Drive still has of a file's past, and keeping one of them.

use http::Method;
use serde_json::json;

use super::call::{EDIT, GET, LIST};
use super::{Google, listing, wire};
use crate::{Access, Error, ErrorKind, Listing, Page, Result, Revision};

const USUAL: u32 = 200;
const MOST: u32 = 1000;

pub async fn revisions(google: &Google, access: &Access, file_id: &str, listing: &Listing) -> Result<Page<Revision>> {
    let fields = format!("nextPageToken,revisions({})", wire::REVISION);
    let size = listing.size.unwrap_or(USUAL).clamp(1, MOST).to_string();
    let mut params = vec![("fields", fields.as_str()), ("pageSize", size.as_str())];
    params.extend(listing.page.as_deref().map(|page| ("pageToken", page)));
    let url = google.url(&["drive", "v3", "files", file_id, "revisions"], &params)?;
    let answer: wire::RevisionList = google.json(access, google.get(access, url, LIST)?).await?;
    Ok(Page { items: answer.revisions.into_iter().map(Into::into).collect(), next: answer.next_page_token })
}

/// Pins the revision. When the file has moved on meanwhile, the revision is read once more, so that what is returned
/// is what is kept: compare its fingerprint with the one shown to the user.
pub async fn pin(google: &Google, access: &Access, file_id: &str, revision: &str) -> Result<Revision> {
    let path = ["drive", "v3", "files", file_id, "revisions", revision];
    let url = google.url(&path, &[("fields", wire::REVISION)])?;
    let request = google
        .request(Method::PATCH, access, url.clone(), EDIT)?
        .body("application/json", json!({ "keepForever": true }).to_string());
    let mut pinned: Revision = google.json::<wire::WireRevision>(access, request).await?.into();
    let head: wire::HeadRevision = listing::file(google, access, file_id, None, "headRevisionId").await?;
    if head.head_revision_id.as_deref() != Some(revision) {
        pinned = google.json::<wire::WireRevision>(access, google.get(access, url, GET)?).await?.into();
    }
    if pinned.id != revision || !pinned.pinned {
        return Err(Error::new(ErrorKind::Malformed, "the cloud accepted the pin and did not set it"));
    }
    Ok(pinned)
}
