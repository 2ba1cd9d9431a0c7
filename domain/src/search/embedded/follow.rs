//! Following the change log: a line says which documents to look at again, and what they look like now is written. Lines
//! are read in order and states only get newer, so that reading some twice does no harm.

use std::{collections::HashSet, sync::Arc, time::Instant};

use futures::{StreamExt, TryStreamExt, stream};
use tantivy::Term;
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::{
    Desk, Engine, Writing, document,
    pen::Pen,
    rebuild,
    schema::Fields,
    shelf::{self, Mark, Shelf},
};
use crate::{
    App,
    change::{self, Position},
    search::{
        engine::{self, Followed, Progress},
        fault::Fault,
        load::{self, Entry, term},
        touched::touched,
    },
};

/// Lines read at once.
const LINES: u64 = 1000;
/// Documents loaded at once.
const CHUNK: usize = 200;
/// Documents after which a commit is due, also in the middle of a batch.
const COMMIT_DOCUMENTS: usize = 500;
/// Seconds after which a commit is due.
const COMMIT_SECONDS: u64 = 1;
/// Lines about other things after which the position is committed nevertheless.
const COMMIT_LINES: i64 = 5000;
/// Texts read at once.
const READERS: usize = 8;
/// Text held at once before it is handed to the writer.
const TEXT: usize = 8_000_000;

/// The right to write, and what is written with.
pub struct Chair<'a> {
    engine: &'a Engine,
    desk: MutexGuard<'a, Desk>,
}

impl Engine {
    /// Waits for whoever of this process sits there.
    pub async fn chair(&self) -> Chair<'_> {
        Chair { engine: self, desk: self.desk.lock().await }
    }
}

impl engine::Chair for Chair<'_> {
    async fn sit_down(&mut self, _: &App) -> Result<bool, Fault> {
        sit_down(self.engine, &mut self.desk)
    }

    async fn position(&self) -> Result<Option<Position>, Fault> {
        Ok(self.engine.view().map(|view| view.mark.position()))
    }

    async fn follow(&mut self, app: &App) -> Result<Followed, Fault> {
        let writing = open(self.engine, &mut self.desk)?;
        let followed = follow(app, self.engine, writing).await?;
        // What was committed must be what searches can read.
        writing.shelf.view()?;
        Ok(followed)
    }

    async fn build(&mut self, app: &App, tell: &(dyn Fn(Progress) + Sync)) -> Result<u64, Fault> {
        rebuild::build(app, self.engine, &mut self.desk, tell).await
    }
}

/// Takes the right to write, once for as long as this process lives. Not there: another process has it.
fn sit_down(engine: &Engine, desk: &mut Desk) -> Result<bool, Fault> {
    // Whoever deletes the whole folder deletes the lock: the next one to come would not meet ours.
    if desk.lock.as_ref().is_some_and(|lock| !engine.folder.is_met(lock)) {
        *desk = Desk::default();
    }
    if desk.lock.is_none() {
        desk.lock = engine.folder.lock()?;
    }
    Ok(desk.lock.is_some())
}

fn open<'a>(engine: &Engine, desk: &'a mut Desk) -> Result<&'a mut Writing, Fault> {
    let current = engine.folder.current();
    let is_open = desk
        .writing
        .as_ref()
        .is_some_and(|writing| Some(&writing.shelf.name) == current.as_ref() && writing.shelf.is_there());
    if !is_open {
        desk.writing = None;
        let shelf = engine.shelf().filter(|shelf| Some(&shelf.name) == current.as_ref() && shelf.is_there());
        let shelf = shelf.ok_or_else(|| Fault::Index("there is none that can be read".into()))?;
        desk.writing = Some(begin(engine, shelf)?);
    }
    let writing = desk.writing.as_mut().ok_or_else(|| Fault::Index("it is not open".into()))?;
    writing.pen.turn();
    Ok(writing)
}

fn begin(engine: &Engine, shelf: Arc<Shelf>) -> Result<Writing, Fault> {
    let at = shelf.view()?.mark.position();
    // Whoever was building before is not any more.
    engine.folder.end_progress();
    let pen = Pen::new(shelf.writer()?);
    Ok(Writing { shelf, pen, at })
}

async fn follow(app: &App, engine: &Engine, writing: &mut Writing) -> Result<Followed, Fault> {
    let (mut written, mut since) = (0, 0);
    let mut begun = Instant::now();
    let mut committed = writing.at;
    loop {
        let batch = change::read(app, writing.at, LINES).await?;
        if batch.resync {
            return Ok(Followed { at: batch.position, written, expired: true });
        }
        let touched = touched(app, &batch.lines).await?;
        written += touched.ids.len() as u64;
        since += touched.ids.len() + touched.gone.len();
        forget(&engine.fields, writing, &touched.gone).await?;
        for chunk in touched.ids.chunks(CHUNK) {
            replace(app, engine, &writing.pen, chunk).await?;
            if since >= COMMIT_DOCUMENTS && touched.ids.len() > COMMIT_DOCUMENTS {
                commit(engine, writing, committed).await?;
                since = 0;
            }
        }
        writing.at = batch.position;
        let is_due = since >= COMMIT_DOCUMENTS || (since > 0 && begun.elapsed().as_secs() >= COMMIT_SECONDS);
        let is_last = since > 0 && !batch.has_more;
        if is_due || is_last || writing.at.seq - committed.seq >= COMMIT_LINES {
            commit(engine, writing, writing.at).await?;
            (since, begun, committed) = (0, Instant::now(), writing.at);
        }
        if !batch.has_more {
            return Ok(Followed { at: writing.at, written, expired: false });
        }
    }
}

/// Takes out what went with a deleted document, however little is known of it now.
async fn forget(fields: &Arc<Fields>, writing: &Writing, gone: &[Uuid]) -> Result<(), Fault> {
    if gone.is_empty() {
        return Ok(());
    }
    let (fields, gone) = (fields.clone(), gone.to_vec());
    writing
        .pen
        .write(move |writer| {
            for id in gone {
                writer.delete_term(Term::from_field_text(fields.ancestors, &term(id)));
            }
            Ok(())
        })
        .await
}

/// Writes what the documents look like now; those that are not live any more are taken out.
pub(super) async fn replace(app: &App, engine: &Engine, pen: &Pen, ids: &[Uuid]) -> Result<(), Fault> {
    let entries = load::load(app, ids).await?;
    let live: HashSet<Uuid> = entries.iter().map(|entry| entry.id).collect();
    let dead = ids.iter().filter(|id| !live.contains(*id)).copied().collect();
    put(engine, pen, Vec::new(), dead).await?;
    let (mut some, mut size) = (Vec::new(), 0);
    let reading = entries.into_iter().map(|entry| load::read_text(app, entry));
    let mut read = stream::iter(reading).buffered(READERS);
    while let Some(entry) = read.try_next().await? {
        size += entry.text.len();
        some.push(entry);
        if size > TEXT {
            put(engine, pen, std::mem::take(&mut some), Vec::new()).await?;
            size = 0;
        }
    }
    put(engine, pen, some, Vec::new()).await
}

async fn put(engine: &Engine, pen: &Pen, entries: Vec<Entry>, dead: Vec<Uuid>) -> Result<(), Fault> {
    if entries.is_empty() && dead.is_empty() {
        return Ok(());
    }
    let fields = engine.fields.clone();
    pen.write(move |writer| {
        for id in dead {
            writer.delete_term(Term::from_field_text(fields.id, &term(id)));
        }
        for entry in entries {
            writer.delete_term(Term::from_field_text(fields.id, &term(entry.id)));
            writer.add_document(document::of(entry, &fields))?;
        }
        Ok(())
    })
    .await
}

/// Makes what was written visible to searches of the committed state.
async fn commit(engine: &Engine, writing: &Writing, at: Position) -> Result<(), Fault> {
    let mark = Mark { epoch: at.epoch, seq: at.seq, version: engine.fields.version()? };
    let shelf = writing.shelf.clone();
    let commit = move |writer: &mut tantivy::IndexWriter| {
        shelf::commit(writer, &mark)?;
        shelf.view().map(|_| ())
    };
    writing.pen.write(commit).await
}
