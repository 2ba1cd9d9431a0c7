//! Verbs on the tree: plant, create, rename, move, trash, untrash, delete for good.
//! Ids survive every move; a folder's own change is announced, never that of what lies below it.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::{
    FOLDER, SHORTCUT, World,
    channel::FileNews,
    file::{Blob, File, Revision},
};

/// What a new file is made of.
#[derive(Debug, Default)]
pub struct Seedling {
    /// A promised id, or none to draw one.
    pub id: Option<String>,
    pub name: String,
    pub mime: String,
    pub parent: usize,
    pub by: usize,
    pub bytes: Bytes,
    pub keep: bool,
    pub target: Option<usize>,
    pub created: Option<i64>,
    pub modified: Option<i64>,
    pub app: Option<String>,
}

impl World {
    /// Puts a file into the indexes without announcing it.
    pub(super) fn plant(&mut self, file: File) -> usize {
        let at = self.files.len();
        self.by_id.insert(file.id.clone(), at);
        if let Some(parent) = file.parent {
            self.children.entry(parent).or_default().insert(at);
        }
        if let (Some(owner), Some(_)) = (file.owner, file.parent) {
            self.owned.entry(owner).or_default().insert(at);
        }
        if let (Some(drive), Some(_)) = (file.drive, file.parent) {
            self.in_drive.entry(drive).or_default().insert(at);
        }
        self.files.push(file);
        at
    }

    pub fn create(&mut self, seed: Seedling) -> usize {
        let id = seed.id.unwrap_or_else(|| self.ids.file());
        let drive = self.files[seed.parent].drive;
        let has_content = seed.mime != FOLDER && seed.mime != SHORTCUT;
        let is_blob = !seed.mime.starts_with("application/vnd.google-apps.");
        let mut revisions = Vec::new();
        if has_content {
            let id = if is_blob { self.ids.revision() } else { "1".to_owned() };
            revisions.push(Revision {
                id,
                at: self.now,
                by: seed.by,
                mime: seed.mime.clone(),
                blob: Blob::new(seed.bytes),
                keep: seed.keep && is_blob,
                original_name: is_blob.then(|| seed.name.clone()),
            });
        }
        let file = File {
            id,
            original_name: is_blob.then(|| seed.name.clone()),
            name: seed.name,
            mime: seed.mime,
            parent: Some(seed.parent),
            drive,
            owner: if drive.is_some() { None } else { Some(seed.by) },
            created: seed.created.unwrap_or(self.now),
            modified: seed.modified.unwrap_or(self.now),
            modified_by: seed.by,
            modified_by_me: [(seed.by, self.now)].into(),
            viewed: [(seed.by, self.now)].into(),
            version: 1,
            thumbnail_version: u64::from(has_content),
            revisions,
            target: seed.target,
            apps: seed.app.into_iter().collect(),
            ..File::default()
        };
        let at = self.plant(file);
        self.announce(at, &Default::default());
        self.notify_file(at, FileNews::Add);
        at
    }

    /// Runs `change` on a file and announces it. `version` moves with every announcement.
    pub fn alter<T>(&mut self, file: usize, news: FileNews, change: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.sight(file);
        let out = change(self);
        self.files[file].version += 1 + self.ids.below(3);
        self.announce(file, &before);
        self.notify_file(file, news);
        out
    }

    pub fn rename(&mut self, file: usize, name: &str) {
        self.alter(file, FileNews::Properties, |world| {
            name.clone_into(&mut world.files[file].name);
        });
    }

    /// False when the new parent lies below the file.
    pub fn reparent(&mut self, file: usize, parent: usize) -> bool {
        if self.chain(parent).any(|at| at == file) {
            return false;
        }
        self.alter(file, FileNews::Parents, |world| {
            if let Some(old) = world.files[file].parent {
                world.children.entry(old).or_default().remove(&file);
            }
            world.children.entry(parent).or_default().insert(file);
            world.files[file].parent = Some(parent);
            let drive = world.files[parent].drive;
            if world.files[file].drive != drive {
                world.change_drive(file, drive, parent);
            }
        });
        true
    }

    /// Everything in a shared drive belongs to the drive; what leaves it belongs to the owner of the new place.
    fn change_drive(&mut self, top: usize, drive: Option<usize>, parent: usize) {
        let heir = self.files[self.root_of(parent)].owner;
        for file in self.subtree(top) {
            if let Some(old) = self.files[file].drive {
                self.in_drive.entry(old).or_default().remove(&file);
            }
            if let Some(owner) = self.files[file].owner {
                self.owned.entry(owner).or_default().remove(&file);
            }
            let owner = if drive.is_some() { None } else { heir };
            self.files[file].drive = drive;
            self.files[file].owner = owner;
            if let Some(drive) = drive {
                self.in_drive.entry(drive).or_default().insert(file);
            }
            if let Some(owner) = owner {
                self.owned.entry(owner).or_default().insert(file);
            }
        }
    }

    pub fn trash(&mut self, file: usize, by: usize) {
        self.alter(file, FileNews::Trash, |world| {
            let now = world.now;
            let it = &mut world.files[file];
            (it.trashed, it.trashed_at, it.trashed_by) = (true, now, by);
        });
    }

    pub fn untrash(&mut self, file: usize) {
        self.alter(file, FileNews::Untrash, |world| world.files[file].trashed = false);
    }

    /// Deletes for good, with everything below.
    pub fn delete(&mut self, top: usize) {
        let doomed = self.subtree(top);
        let sights: Vec<_> = doomed.iter().map(|file| self.sight(*file)).collect();
        for file in &doomed {
            self.uproot(*file);
        }
        for (file, before) in doomed.iter().zip(&sights) {
            self.announce(*file, before);
            self.notify_file(*file, FileNews::Remove);
        }
    }

    fn uproot(&mut self, file: usize) {
        let it = &mut self.files[file];
        it.deleted = true;
        it.revisions.clear();
        let (parent, owner, drive) = (it.parent, it.owner, it.drive);
        let grants = std::mem::take(&mut it.grants);
        let forget = |index: &mut BTreeSet<usize>| index.remove(&file);
        parent.and_then(|at| self.children.get_mut(&at)).map(forget);
        owner.and_then(|at| self.owned.get_mut(&at)).map(forget);
        drive.and_then(|at| self.in_drive.get_mut(&at)).map(forget);
        for grant in &grants {
            self.forget_grant(file, &grant.who);
        }
    }

    /// The file and everything below it, parents first.
    pub fn subtree(&self, top: usize) -> Vec<usize> {
        let mut found = vec![top];
        let mut at = 0;
        while at < found.len() {
            found.extend(self.children(found[at]));
            at += 1;
        }
        found
    }
}
