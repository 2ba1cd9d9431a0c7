//! New content and the revisions it leaves behind.
//! Unpinned revisions go 30 days after newer content came, or earlier when there are more than 100 of them.

use bytes::Bytes;

use super::{
    World,
    channel::FileNews,
    file::{Blob, Revision},
};

const KEPT_MS: i64 = 30 * 24 * 3600 * 1000;
const KEPT_COUNT: usize = 100;
pub const PIN_LIMIT: usize = 200;

impl World {
    /// Writes a new head revision. `mime` absent keeps the type.
    pub fn write(&mut self, file: usize, bytes: Bytes, mime: Option<String>, by: usize, keep: bool) {
        self.alter(file, FileNews::Content, |world| {
            let now = world.now;
            let is_blob = world.files[file].is_blob();
            let id = if is_blob {
                world.ids.revision()
            } else {
                let head = world.files[file].head();
                let last: u64 = head.and_then(|head| head.id.parse().ok()).unwrap_or(0);
                (last + 1).to_string()
            };
            let it = &mut world.files[file];
            if let Some(mime) = mime.filter(|_| is_blob) {
                it.mime = mime;
            }
            it.revisions.push(Revision {
                id,
                at: now,
                by,
                mime: it.mime.clone(),
                blob: Blob::new(bytes),
                keep: keep && is_blob,
                original_name: it.original_name.clone(),
            });
            it.modified = now;
            it.modified_by = by;
            it.modified_by_me.insert(by, now);
            it.thumbnail_version += 1;
        });
        self.purge_revisions(file);
    }

    /// Drops what the vendor would have dropped by now.
    pub fn purge_revisions(&mut self, file: usize) {
        let now = self.now;
        let revisions = &mut self.files[file].revisions;
        let superseded: Vec<i64> = revisions.iter().skip(1).map(|newer| newer.at).collect();
        let unpinned = revisions.iter().filter(|revision| !revision.keep).count();
        let mut surplus = unpinned.saturating_sub(KEPT_COUNT);
        let mut at = 0;
        revisions.retain(|revision| {
            let since = superseded.get(at).copied();
            at += 1;
            let Some(since) = since else {
                return true;
            };
            if revision.keep {
                return true;
            }
            let crowded = surplus > 0;
            surplus = surplus.saturating_sub(1);
            !crowded && now - since <= KEPT_MS
        });
    }

    pub fn pinned(&self, file: usize) -> usize {
        let revisions = &self.files[file].revisions;
        revisions.iter().filter(|revision| revision.keep).count()
    }
}
