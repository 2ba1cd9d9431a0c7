//! Everything that must hold among the tables of documents, computed anew from the plainest facts: parents, entries and
//! blocks. Reads whole tables; for maintenance and tests.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hawser_entity::{
    acl_entry::{self, Permission},
    acl_grant,
    document::{self, DocumentKind},
    document_ancestor,
};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{App, Result, name};

struct Tables {
    documents: HashMap<Uuid, document::Model>,
    entries: HashMap<Uuid, Vec<acl_entry::Model>>,
}

/// What does not hold, in words; nothing when all is well.
pub async fn faults(app: &App) -> Result<Vec<String>> {
    let snapshot = app.database.snapshot().await?;
    let documents = document::Entity::find().all(&snapshot).await?;
    let closure = document_ancestor::Entity::find().all(&snapshot).await?;
    let entries = acl_entry::Entity::find().all(&snapshot).await?;
    let grants = acl_grant::Entity::find().all(&snapshot).await?;
    snapshot.rollback().await?;

    let mut tables =
        Tables { documents: documents.into_iter().map(|row| (row.id, row)).collect(), entries: HashMap::new() };
    for entry in entries {
        tables.entries.entry(entry.document_id).or_default().push(entry);
    }
    let mut faults = Vec::new();
    for document in tables.documents.values() {
        tables.check_shape(document, &mut faults);
        tables.check_life(document, &mut faults);
    }
    tables.check_closure(closure, &mut faults);
    tables.check_names(&mut faults);
    tables.check_rights(grants, &mut faults);
    faults.sort();
    Ok(faults)
}

impl Tables {
    /// From the document up to its root. Ends where the parents are broken or go round.
    fn way_up(&self, id: Uuid) -> Vec<&document::Model> {
        let mut way: Vec<&document::Model> = Vec::new();
        let mut next = Some(id);
        while let Some(document) = next.and_then(|id| self.documents.get(&id)) {
            if way.iter().any(|seen| seen.id == document.id) {
                break;
            }
            way.push(document);
            next = document.parent_id;
        }
        way
    }

    fn check_shape(&self, document: &document::Model, faults: &mut Vec<String>) {
        let id = document.id;
        let parent = document.parent_id.and_then(|parent| self.documents.get(&parent));
        if self.way_up(id).last().is_some_and(|top| top.parent_id.is_some()) {
            faults.push(format!("{id}: the way up does not end at a root"));
        }
        if document.parent_id.is_none() != (document.kind == DocumentKind::Workspace) {
            faults.push(format!("{id}: a {:?} at the wrong height", document.kind));
        }
        if parent.is_some_and(|parent| !parent.kind.is_container()) {
            faults.push(format!("{id}: lies in something that holds nothing"));
        }
        let ordered = parent.is_some_and(|parent| parent.kind == DocumentKind::OrderedFolder);
        if ordered != document.position.is_some() {
            faults.push(format!("{id}: position {:?} where ordered is {ordered}", document.position));
        }
        if document.content_token < 1 || document.name_token < 1 {
            faults.push(format!("{id}: tokens begin at 1"));
        }
    }

    fn check_life(&self, document: &document::Model, faults: &mut Vec<String>) {
        let id = document.id;
        if document.trash_root_id.is_some() != document.trashed_at.is_some() {
            faults.push(format!("{id}: in the trash without a time, or the other way round"));
        }
        let parent = document.parent_id.and_then(|parent| self.documents.get(&parent));
        match document.trash_root_id {
            None if parent.is_some_and(|parent| parent.trash_root_id.is_some()) => {
                faults.push(format!("{id}: lives in a folder that is in the trash"));
            }
            Some(root) if root != id && parent.is_none_or(|parent| parent.trash_root_id != Some(root)) => {
                faults.push(format!("{id}: went into the trash along with {root}, its folder did not"));
            }
            _ => {}
        }
    }

    fn check_closure(&self, closure: Vec<document_ancestor::Model>, faults: &mut Vec<String>) {
        let kept: BTreeSet<_> = closure.into_iter().map(|row| (row.document_id, row.ancestor_id, row.depth)).collect();
        let due: BTreeSet<_> = self
            .documents
            .keys()
            .flat_map(|id| self.way_up(*id).into_iter().zip(0..).map(|(up, depth)| (*id, up.id, depth)))
            .collect();
        faults.extend(kept.difference(&due).map(|row| format!("{}: closure row too many: {row:?}", row.0)));
        faults.extend(due.difference(&kept).map(|row| format!("{}: closure row missing: {row:?}", row.0)));
    }

    fn check_names(&self, faults: &mut Vec<String>) {
        let mut live = BTreeMap::new();
        for document in self.documents.values() {
            if document.name_key != name::key(&document.name) {
                faults.push(format!("{}: the key of its name is another", document.id));
            }
            if document.trash_root_id.is_none()
                && let Some(other) = live.insert((document.parent_id, name::key(&document.name)), document.id)
            {
                faults.push(format!("{}: shares its name with {other}", document.id));
            }
        }
    }

    fn check_rights(&self, grants: Vec<acl_grant::Model>, faults: &mut Vec<String>) {
        let mut kept: BTreeMap<Uuid, BTreeMap<Uuid, Permission>> = BTreeMap::new();
        for grant in grants {
            kept.entry(grant.acl_id).or_default().insert(grant.principal_id, grant.permission);
        }
        for document in self.documents.values() {
            let way = self.way_up(document.id);
            let rules =
                way.iter().find(|up| up.parent_id.is_none() || up.acl_blocks || self.entries.contains_key(&up.id));
            let due = rules.map(|rules| rules.id);
            if due != Some(document.acl_id) {
                faults.push(format!("{}: follows the rules of {}, not of {due:?}", document.id, document.acl_id));
            }
            if due == Some(document.id) {
                let due = self.effective(&way);
                let kept = kept.remove(&document.id).unwrap_or_default();
                if due != kept {
                    faults.push(format!("{}: rights {kept:?} instead of {due:?}", document.id));
                }
            }
        }
        faults.extend(kept.keys().map(|id| format!("{id}: rights are kept where there are no rules")));
    }

    fn effective(&self, way: &[&document::Model]) -> BTreeMap<Uuid, Permission> {
        let mut effective = BTreeMap::new();
        for document in way {
            for entry in self.entries.get(&document.id).into_iter().flatten() {
                let best = effective.entry(entry.principal_id).or_insert(entry.permission);
                *best = entry.permission.max(*best);
            }
            if document.acl_blocks {
                break;
            }
        }
        effective
    }
}
