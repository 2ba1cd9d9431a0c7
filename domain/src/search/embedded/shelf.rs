//! An open index, and what a search sees of it: a fixed state together with the place in the change log it has come to.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher};
use uuid::Uuid;

use super::{analyse, folder, schema::Fields};
use crate::{change::Position, search::fault::Fault};

/// Memory of the writer, before it writes a segment.
const MEMORY: usize = 64_000_000;

/// What a commit says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub epoch: Uuid,
    pub seq: i64,
    /// Of the schema.
    pub version: String,
}

impl Mark {
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, seq: self.seq }
    }
}

/// A state of the index. `mark` is where it has come to in the log, or earlier; never later.
#[derive(Clone)]
pub struct View {
    pub searcher: Searcher,
    pub fields: Arc<Fields>,
    pub mark: Mark,
}

pub struct Shelf {
    pub name: String,
    pub path: PathBuf,
    fields: Arc<Fields>,
    index: Index,
    reader: IndexReader,
    seen: Mutex<Seen>,
}

struct Seen {
    stamp: Option<(SystemTime, u64)>,
    view: View,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Shelf {
    /// # Errors
    /// `Index` when it is broken, unfinished or of another version.
    pub fn open(name: String, path: PathBuf, fields: Arc<Fields>) -> Result<Self, Fault> {
        let mut index = Index::open_in_dir(&path)?;
        index.set_tokenizers(analyse::analysers());
        let stamp = folder::stamp(&path.join("meta.json"));
        let mark = read_mark(&index)?;
        if mark.version != fields.version()? || index.schema() != fields.schema {
            return Err(Fault::Index(format!("{name} is of another version")));
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let view = View { searcher: reader.searcher(), fields: fields.clone(), mark };
        Ok(Self { name, path, fields, index, reader, seen: Mutex::new(Seen { stamp, view }) })
    }

    /// The latest committed state, whoever committed it.
    pub fn view(&self) -> Result<View, Fault> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = folder::stamp(&self.path.join("meta.json"));
        // A folder that was deleted can still be read from.
        if stamp.is_none() || stamp == seen.stamp {
            return Ok(seen.view.clone());
        }
        // The mark is read first: what is committed in between is then seen without being counted on.
        let mark = read_mark(&self.index)?;
        self.reader.reload()?;
        seen.view = View { searcher: self.reader.searcher(), fields: self.fields.clone(), mark };
        seen.stamp = stamp;
        Ok(seen.view.clone())
    }

    /// The state that was read last.
    pub fn last_view(&self) -> View {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).view.clone()
    }

    /// Whether its files are still where they were.
    pub fn is_there(&self) -> bool {
        self.path.join("meta.json").exists()
    }

    /// The one writer. What an earlier one was killed over is taken away.
    pub fn writer(&self) -> Result<IndexWriter, Fault> {
        let writer = writer(&self.index)?;
        folder::sweep_unfinished(&self.path)?;
        Ok(writer)
    }
}

/// Makes an empty index, not yet in use.
pub fn create(path: &PathBuf, fields: &Fields) -> Result<IndexWriter, Fault> {
    let mut index = Index::create_in_dir(path, fields.schema.clone())?;
    index.set_tokenizers(analyse::analysers());
    writer(&index)
}

/// One thread: the order of writes is then the order of the log.
fn writer(index: &Index) -> Result<IndexWriter, Fault> {
    Ok(index.writer_with_num_threads(1, MEMORY)?)
}

fn read_mark(index: &Index) -> Result<Mark, Fault> {
    let payload = index.load_metas()?.payload.ok_or_else(|| Fault::Index("it was never committed".into()))?;
    serde_json::from_str(&payload).map_err(|error| Fault::Index(format!("its mark cannot be read: {error}")))
}

/// Commits what was written, with the place in the log it has come to.
pub fn commit(writer: &mut IndexWriter, mark: &Mark) -> Result<(), Fault> {
    let payload = serde_json::to_string(mark).map_err(|error| Fault::Index(error.to_string()))?;
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload);
    prepared.commit()?;
    Ok(())
}
