//! Holding what a cloud says of a file against what is stored, and writing the difference. Applying the same twice
//! changes nothing the second time: entries of a feed are states, not deltas.

use chrono::{DateTime, Utc};
use hawser_entity::{
    change::ChangeKind,
    content::{self, ContentState},
    document as documents,
};
use hawser_providers::CloudFile;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use crate::{Error, Result, Write, document, extraction, feed, name};

/// What a read or a feed said.
#[derive(Debug, Clone)]
pub enum Seen {
    File(Box<CloudFile>),
    Gone(Gone),
}

/// Why a file cannot be had. A cloud does not tell deleted from unshared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    NotFound,
    /// The owner, or a rule of their organisation, keeps us from this very file.
    Forbidden,
}

/// What is different.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Difference {
    content: bool,
    metadata: bool,
    renamed: bool,
    availability: bool,
}

/// Writes what is new of one content and announces it. Returns whether anything was. It asks nothing more of the cloud:
/// a new picture is fetched when somebody wants to see it.
pub async fn apply(w: &mut Write<'_>, old: content::Model, seen: Seen) -> Result<bool> {
    match seen {
        Seen::Gone(Gone::NotFound) => lose(w, old, "NOT_FOUND", None).await,
        Seen::Gone(Gone::Forbidden) => lose(w, old, "FORBIDDEN", None).await,
        Seen::File(file) if file.trashed => lose(w, old, "TRASHED", Some(*file)).await,
        Seen::File(file) => keep(w, old, &file).await,
    }
}

/// The bytes cannot be had any more: the last metadata stays, with since when and why.
async fn lose(w: &mut Write<'_>, old: content::Model, reason: &str, file: Option<CloudFile>) -> Result<bool> {
    if old.state == ContentState::Unavailable && old.unavailable_reason.as_deref() == Some(reason) {
        return Ok(false);
    }
    let (document_id, since) = (old.document_id, old.unavailable_since.unwrap_or(w.now));
    let mut active = old.into_active_model();
    if let Some(file) = file {
        active.remote = Set(serde_json::to_value(file)?);
    }
    active.state = Set(ContentState::Unavailable);
    active.unavailable_since = Set(Some(since));
    active.unavailable_reason = Set(Some(reason.to_owned()));
    active.checked_at = Set(w.now);
    active.update(w.db()).await?;
    document::mark(w, document_id, ChangeKind::Availability).await?;
    Ok(true)
}

async fn keep(w: &mut Write<'_>, old: content::Model, file: &CloudFile) -> Result<bool> {
    let difference = compare(&old, file)?;
    if difference == Difference::default() {
        return Ok(false);
    }
    let document_id = old.document_id;
    let old_name = old.remote_name.clone();
    let moved_to = match old.drive_id == file.drive_id {
        true => None,
        false => feed::of_place(w, old.connection_id, file.drive_id.as_deref()).await?,
    };
    let mut active = old.into_active_model();
    if let Some(feed) = moved_to {
        active.feed_id = Set(Some(feed));
    }
    fill(&mut active, file, w.now)?;
    active.state = Set(ContentState::Ok);
    active.unavailable_since = Set(None);
    active.unavailable_reason = Set(None);
    let content = active.update(w.db()).await?;
    if difference.content || difference.availability {
        extraction::queue(w, &content, None).await?;
    }
    if difference.availability {
        document::mark(w, document_id, ChangeKind::Availability).await?;
    }
    if difference.content {
        document::mark(w, document_id, ChangeKind::Content).await?;
    }
    if difference.renamed {
        follow_name(w, document_id, &old_name, &file.name).await?;
    }
    if difference.metadata || difference.renamed {
        document::mark(w, document_id, ChangeKind::Metadata).await?;
    }
    Ok(true)
}

/// Content is compared by revision and hash; native documents have neither, so their times are compared. A version
/// counter that moved alone means nothing: clouds move it for things nobody sees.
fn compare(old: &content::Model, file: &CloudFile) -> Result<Difference> {
    let before = super::described(old)?;
    let fingerprint = file.fingerprint.as_ref().map(|print| print.value.clone());
    let content = if file.is_native {
        before.modified_at != file.modified_at || before.mime_type != file.mime_type
    } else {
        match (&old.hash, &fingerprint) {
            (Some(old), Some(new)) => old != new,
            _ => old.revision != file.revision,
        }
    };
    let mut quiet = CloudFile { version: before.version.clone(), ..file.clone() };
    quiet.trashed = before.trashed;
    Ok(Difference {
        content,
        metadata: quiet != before,
        renamed: old.remote_name != file.name,
        availability: old.state == ContentState::Unavailable,
    })
}

/// Copies the cloud's description into the row.
pub(super) fn fill(active: &mut content::ActiveModel, file: &CloudFile, now: DateTime<Utc>) -> Result<()> {
    active.remote_id = Set(file.id.clone());
    active.drive_id = Set(file.drive_id.clone());
    active.remote_parent = Set(file.parents.first().cloned());
    active.resource_key = Set(file.resource_key.clone());
    active.remote_name = Set(file.name.clone());
    active.mime_type = Set(file.mime_type.clone());
    active.size = Set(file.size.and_then(|size| i64::try_from(size).ok()));
    let fingerprint = file.fingerprint.as_ref();
    active.hash_kind = Set(fingerprint.map(|print| format!("{:?}", print.kind).to_lowercase()));
    active.hash = Set(fingerprint.map(|print| print.value.clone()));
    active.revision = Set(file.revision.clone());
    active.remote_version = Set(file.version.clone());
    active.remote_modified_at = Set(file.modified_at);
    active.thumbnail_version = Set(file.thumbnail_version.clone());
    active.remote = Set(serde_json::to_value(file)?);
    active.checked_at = Set(now);
    Ok(())
}

/// A document that still bears its file's name goes on doing so; one that was given another name keeps it.
async fn follow_name(w: &mut Write<'_>, document_id: uuid::Uuid, old: &str, new: &str) -> Result<()> {
    let found = documents::Entity::find_by_id(document_id).one(w.db()).await?;
    let document = found.ok_or(Error::not_found("document"))?;
    if name::key(&document.name) == name::key(&document_name(old)) {
        document::follow(w, document, &document_name(new)).await?;
    }
    Ok(())
}

/// A file's name made fit for a document: what `name::clean` refuses is replaced, not refused.
pub(super) fn document_name(remote: &str) -> String {
    let mut name: String = remote.chars().map(|c| if c == '/' || c.is_control() { '-' } else { c }).collect();
    while name.len() > name::MAX_BYTES {
        name.pop();
    }
    match name::clean(&name, &[]) {
        Ok(name) => name,
        Err(_) => "Untitled".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::document_name;

    #[test]
    fn names_no_document_may_bear_are_mended_not_refused() {
        assert_eq!(document_name("a/b\u{0}c.txt"), "a-b-c.txt");
        assert_eq!(document_name("  "), "Untitled");
        assert_eq!(document_name(".."), "Untitled");
        assert!(document_name(&"é".repeat(400)).len() <= 255);
    }
}
