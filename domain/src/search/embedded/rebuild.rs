//! Building an index from the database, beside the one in use; searches go on with that one meanwhile.

use super::{
    Desk, Engine, follow,
    pen::Pen,
    shelf::{self, Mark},
};
use crate::{
    App, change,
    search::{engine::Progress, fault::Fault, load},
};

const CHUNK: u64 = 200;

/// Returns how many documents it holds. The desk is left without an open index.
pub(super) async fn build(
    app: &App,
    engine: &Engine,
    desk: &mut Desk,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, Fault> {
    let folder = &engine.folder;
    desk.writing = None;
    folder.make("")?;
    folder.sweep(folder.current().as_deref())?;
    let version = engine.fields.version()?;
    let name = format!("{version}-{}", app.randomness.id(app.clock.now()).simple());
    let result = fill(app, engine, &name, version, tell).await;
    folder.end_progress();
    let documents = result?;
    folder.point_at(&name)?;
    folder.sweep(Some(&name))?;
    engine.view();
    Ok(documents)
}

async fn fill(
    app: &App,
    engine: &Engine,
    name: &str,
    version: String,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<u64, Fault> {
    let folder = &engine.folder;
    let path = folder.make(name)?;
    let pen = Pen::new(shelf::create(&path, &engine.fields)?);
    // Whatever changes from here on is in the log behind this place.
    let start = change::head(app).await?;
    let of = load::count(app).await?;
    let (mut done, mut last) = (0, None);
    loop {
        tell(Progress { done, of });
        folder.say_progress(done, of)?;
        let ids = load::ids_after(app, last, CHUNK).await?;
        follow::replace(app, engine, &pen, &ids).await?;
        done += ids.len() as u64;
        match ids.last() {
            Some(id) => last = Some(*id),
            None => break,
        }
    }
    let mark = Mark { epoch: start.epoch, seq: start.seq, version };
    pen.write(move |writer| shelf::commit(writer, &mark)).await?;
    Ok(done)
}
