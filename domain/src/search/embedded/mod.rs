//! The embedded engine: a folder with an index that follows the change log like any other reader. One process writes;
//! the others only look. Nothing in it is precious: it is built anew from the database whenever it is missing or broken.

mod analyse;
mod collect;
mod compile;
mod document;
mod excluded;
mod folder;
mod follow;
mod look;
mod pen;
mod rebuild;
mod schema;
mod seen;
mod shelf;
mod suggest;

#[cfg(test)]
mod replay_tests;

use std::{
    fs::File,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use self::{folder::Folder, schema::Fields, shelf::Shelf};
pub use self::{look::look, shelf::View};
use super::{engine::Progress, status::Standing};

/// The embedded engine of one process. Opening it touches no disk; clones share it.
#[derive(Debug, Clone)]
pub struct Engine {
    folder: Arc<Folder>,
    fields: Arc<Fields>,
    shelf: Arc<RwLock<Option<Arc<Shelf>>>>,
    /// Whoever writes sits here alone.
    desk: Arc<tokio::sync::Mutex<Desk>>,
    pub(super) lag: super::rights::Known,
}

/// What only the writing process holds.
#[derive(Default)]
struct Desk {
    lock: Option<File>,
    writing: Option<Writing>,
}

struct Writing {
    shelf: Arc<Shelf>,
    pen: pen::Pen,
    /// Where in the log the next reading begins; the last commit may be a little behind.
    at: crate::change::Position,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("is_writing", &self.writing.is_some()).finish_non_exhaustive()
    }
}

impl Engine {
    pub fn new(root: PathBuf) -> Self {
        Self {
            folder: Arc::new(Folder::new(root)),
            fields: Arc::new(Fields::new()),
            shelf: Arc::default(),
            desk: Arc::default(),
            lag: Arc::default(),
        }
    }

    /// The latest state of the index in use that could be read; none while there is none.
    pub(super) fn view(&self) -> Option<View> {
        let shelf = self.shelf()?;
        let view = shelf.view().inspect_err(|error| tracing::warn!(%error, "searching in what was read before"));
        Some(view.unwrap_or_else(|_| shelf.last_view()))
    }

    /// What is in use, for operators. It reads files.
    pub(super) fn standing(&self) -> Option<Standing> {
        let (view, name) = (self.view()?, self.shelf()?.name.clone());
        Some(Standing {
            documents: view.searcher.num_docs(),
            segments: view.searcher.segment_readers().len() as u64,
            bytes: self.folder.size(&name),
            position: view.mark.seq,
            name,
        })
    }

    /// How far the process that builds an index has come.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.folder.progress().map(|(done, of)| Progress { done, of })
    }

    /// The index in use. One that is deleted while open is used until there is another.
    fn shelf(&self) -> Option<Arc<Shelf>> {
        let held = self.shelf.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(name) = self.folder.current() else { return held };
        if held.as_ref().is_some_and(|shelf| shelf.name == name) {
            return held;
        }
        let mut place = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        match Shelf::open(name.clone(), self.folder.of(&name), self.fields.clone()) {
            Ok(shelf) => *place = Some(Arc::new(shelf)),
            Err(error) => {
                tracing::warn!(%error, index = name, "the search index cannot be opened; it will be built anew")
            }
        }
        place.clone()
    }
}
