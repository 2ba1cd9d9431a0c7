//! `demo --once`: the whole story as a check, through the public doors only. Each step says what it saw and how long it
//! took; the first thing that is not so ends it, with what was expected and what was seen.

mod bytes;
pub mod find;
mod news;
mod reconnect;
mod state;

use std::{fmt::Debug, future::Future, time::Instant};

use anyhow::{Context, ensure};

pub use self::state::settle;

use super::{Demo, words::Progress};

pub async fn play(demo: &Demo, progress: &Progress) -> anyhow::Result<()> {
    step(progress, "kinds, sizes and hashes", bytes::as_planted(demo)).await?;
    step(progress, "download with a range", bytes::ranges(demo)).await?;
    step(progress, "thumbnail of a picture", bytes::picture(demo)).await?;
    step(progress, "document of the cloud's own as PDF", bytes::native(demo)).await?;
    step(progress, "all work is done", state::settle(demo)).await?;
    step(progress, "a phrase inside a PDF is found", find::phrase(demo)).await?;
    let mut live = news::subscribe(demo).await?;
    step(progress, "edited in the cloud", news::edit(demo, &mut live)).await?;
    step(progress, "other words in the PDF are found, the old are gone", find::edited(demo)).await?;
    step(progress, "renamed in the cloud", news::rename(demo, &mut live)).await?;
    step(progress, "put into the cloud's trash", news::trash(demo, &mut live)).await?;
    step(progress, "restored in the cloud", news::restore(demo, &mut live)).await?;
    step(progress, "consent taken back in the cloud", reconnect::revoke(demo)).await?;
    step(progress, "connected again", reconnect::reconnect(demo)).await?;
    step(progress, "edited once more", news::edit_again(demo, &mut live)).await?;
    step(progress, "nothing is left over", reconnect::nothing_left(demo)).await?;
    progress.tell("the whole story is true");
    Ok(())
}

async fn step(
    progress: &Progress,
    name: &str,
    part: impl Future<Output = anyhow::Result<String>>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let seen = part.await.with_context(|| format!("this is not so: {name}"))?;
    progress.tell(&format!("{name} ({} ms): {seen}", began.elapsed().as_millis()));
    Ok(())
}

fn same<T: PartialEq + Debug>(what: &str, expected: T, seen: T) -> anyhow::Result<()> {
    ensure!(expected == seen, "{what}: expected {expected:?}, and saw {seen:?}");
    Ok(())
}
