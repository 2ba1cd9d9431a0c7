//! The one place where documents come into being, and where their names are found free.

use hawser_entity::{
    change::{ChangeKind, Noun},
    document::{self, DocumentKind},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::{
    order,
    tree::{self, Lock},
};
use crate::{Error, Result, Write, acl, name, principal::Actor};

/// What to do when a live sibling has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTaken {
    Fail,
    /// Take the first free of "name (2)", "name (3)"; of files, before the extension.
    Rename,
}

/// Adds a document with the rights of its parent. Checks no permission of anybody: that is for the verb that calls.
/// Announces CREATED.
///
/// # Errors
/// `Invalid` for a name, or a kind that cannot be there; `NotFound` for the parent; `WrongState` for a parent in the trash;
/// `NameTaken`.
pub async fn insert(
    w: &mut Write<'_>,
    parent_id: Option<Uuid>,
    kind: DocumentKind,
    name: &str,
    on_taken: OnTaken,
) -> Result<document::Model> {
    let name = name::clean(name, &["input", "name"])?;
    tree::lock(w, Lock::Leaf).await?;
    let parent = match parent_id {
        Some(id) => Some(container(w, id).await?),
        None => None,
    };
    expect_place(kind, parent.is_some())?;
    if let Some(parent) = &parent {
        tree::expect_depth(w.db(), parent.id, 0).await?;
    }
    let name = free_name(w, parent_id, &name, kind, on_taken).await?;
    let id = w.id();
    let row = document::ActiveModel {
        id: Set(id),
        kind: Set(kind),
        parent_id: Set(parent_id),
        name_key: Set(name::key(&name)),
        name: Set(name.clone()),
        position: Set(order::last(w, parent.as_ref()).await?),
        content_token: Set(1),
        name_token: Set(1),
        acl_id: Set(parent.as_ref().map_or(id, |parent| parent.acl_id)),
        acl_blocks: Set(false),
        trash_root_id: Set(None),
        trashed_at: Set(None),
        created_by: Set(w.actor.user_id()),
        created_at: Set(w.now),
        modified_by: Set(w.actor.user_id()),
        modified_at: Set(w.now),
    };
    let inserted = document::Entity::insert(row).exec_with_returning(w.db()).await;
    let document = or_taken(w, parent_id, &name, inserted).await?;
    tree::add(w.db(), id, parent_id).await?;
    w.announce(Noun::Document, id, ChangeKind::Created);
    Ok(document)
}

/// Notes that a document changed in a way that is none of name, place and rights: CONTENT moves its content token.
/// Checks no permission. Announces the kind.
///
/// # Errors
/// `NotFound`.
pub async fn mark(w: &mut Write<'_>, id: Uuid, kind: ChangeKind) -> Result<document::Model> {
    let found = document::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let document = found.ok_or(Error::not_found("document"))?;
    let content_token = document.content_token + i64::from(kind == ChangeKind::Content);
    let mut active = document.into_active_model();
    active.content_token = Set(content_token);
    active.modified_at = Set(w.now);
    active.modified_by = Set(w.actor.user_id());
    let document = active.update(w.db()).await?;
    w.announce(Noun::Document, id, kind);
    Ok(document)
}

/// A live document that can hold others.
pub(super) async fn container(w: &Write<'_>, id: Uuid) -> Result<document::Model> {
    let found = document::Entity::find_by_id(id).one(w.db()).await?;
    let at = Error::at("parentId");
    let parent = found.ok_or(Error::not_found("document")).map_err(&at)?;
    if !parent.kind.is_container() {
        return Err(Error::invalid(&["input", "parentId"], "only workspaces and folders hold other documents"));
    }
    if parent.trash_root_id.is_some() {
        return Err(at(Error::wrong_state("the folder is in the trash; restore it first or choose another")));
    }
    Ok(parent)
}

fn expect_place(kind: DocumentKind, has_parent: bool) -> Result<()> {
    match (kind == DocumentKind::Workspace, has_parent) {
        (true, true) => Err(Error::invalid(&["input", "parentId"], "a workspace stands at the root, without a parent")),
        (false, false) => {
            Err(Error::invalid(&["input", "parentId"], "only workspaces stand at the root; name a parent for this one"))
        }
        _ => Ok(()),
    }
}

/// The live child of that name, if there is one.
pub(super) async fn holder(w: &Write<'_>, parent: Option<Uuid>, name: &str) -> Result<Option<Uuid>> {
    let found = by_name(parent, name).into_tuple().one(w.db()).await?;
    Ok(found)
}

fn by_name(parent: Option<Uuid>, name: &str) -> sea_orm::Select<document::Entity> {
    let place = match parent {
        Some(id) => document::Column::ParentId.eq(id),
        None => document::Column::ParentId.is_null(),
    };
    document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .filter(place)
        .filter(document::Column::NameKey.eq(name::key(name)))
        .filter(document::Column::TrashRootId.is_null())
}

pub(super) async fn free_name(
    w: &Write<'_>,
    parent: Option<Uuid>,
    name: &str,
    kind: DocumentKind,
    on_taken: OnTaken,
) -> Result<String> {
    let Some(existing) = holder(w, parent, name).await? else { return Ok(name.to_owned()) };
    if on_taken == OnTaken::Fail {
        return Err(taken(w.db(), w, name, Some(existing)).await?);
    }
    // Doubling, then halving: many files of one name in one folder cost a few look-ups each.
    let (mut taken, mut free) = (1, 2);
    while holder(w, parent, &numbered(name, kind, free)).await?.is_some() {
        (taken, free) = (free, free * 2);
    }
    while free - taken > 1 {
        let middle = taken + (free - taken) / 2;
        match holder(w, parent, &numbered(name, kind, middle)).await? {
            Some(_) => taken = middle,
            None => free = middle,
        }
    }
    Ok(numbered(name, kind, free))
}

/// "report.pdf" becomes "report (2).pdf", cut so that it is still a name.
fn numbered(name: &str, kind: DocumentKind, n: u64) -> String {
    let dot = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= 16 && !kind.is_container());
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let suffix = format!(" ({n}){extension}");
    let mut room = stem.len().min(name::MAX_BYTES.saturating_sub(suffix.len()));
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}{suffix}", &stem[..room])
}

/// Turns a broken uniqueness of names, which a concurrent writer may cause, into the error that says so.
pub(super) async fn or_taken<T>(
    w: &Write<'_>,
    parent: Option<Uuid>,
    name: &str,
    result: Result<T, DbErr>,
) -> Result<T> {
    match result {
        Ok(value) => Ok(value),
        Err(error) if Error::is_unique_violation(&error) => {
            // The transaction may be unusable after the failed statement; the winner is visible outside.
            let outside = w.app.database.read();
            let existing = by_name(parent, name).into_tuple().one(outside).await?;
            Err(taken(outside, w, name, existing).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// # Errors
/// `NameTaken` when another live document has the name there.
pub(super) async fn expect_free(w: &Write<'_>, parent: Option<Uuid>, name: &str, but: Uuid) -> Result<()> {
    match holder(w, parent, name).await? {
        Some(existing) if existing != but => Err(taken(w.db(), w, name, Some(existing)).await?),
        _ => Ok(()),
    }
}

/// Names the document that has the name only to those who may see it.
async fn taken(db: &impl ConnectionTrait, w: &Write<'_>, name: &str, existing: Option<Uuid>) -> Result<Error> {
    let existing = match (existing, w.actor) {
        (Some(id), Actor::User(who)) => {
            let seen = document::Entity::find_by_id(id).filter(acl::visible(who)).one(db).await?;
            seen.map(|document| document.id)
        }
        (existing, _) => existing,
    };
    Ok(Error::NameTaken { name: name.to_owned(), existing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_before_the_extension_of_files_and_the_name_stays_short_enough() {
        assert_eq!(numbered("report.pdf", DocumentKind::File, 2), "report (2).pdf");
        assert_eq!(numbered("v1.2", DocumentKind::Folder, 3), "v1.2 (3)");
        assert_eq!(numbered(".profile", DocumentKind::File, 2), ".profile (2)");
        let long = format!("{}.pdf", "é".repeat(125));
        let name = numbered(&long, DocumentKind::File, 12);
        assert!(name.len() <= name::MAX_BYTES && name.ends_with(" (12).pdf"), "{name}");
    }
}
