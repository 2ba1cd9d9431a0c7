//! What ten changes among 20,000 known files cost: one poll, counted by the cloud's own recorder.

use std::time::Instant;

use anyhow::{Result, ensure};
use hawser_domain::{
    change,
    entity::{change::ChangeKind, job::JobClass},
    feed, job,
};
use hawser_sandbox::control::NewFile;

use crate::{
    figure::{Figures, Goal},
    scene::{ACCOUNT, PLAIN, Scene, TEXT},
};

const KNOWN: usize = 20_000;
/// Files of a type that the cloud draws pictures of; the edits are among them.
const PICTURED: usize = 500;
const CHUNK: usize = 5_000;

pub async fn run(figures: &Figures) -> Result<()> {
    let scene = Scene::set().await?;
    let mut ids = scene.files(PICTURED, "pictured-", TEXT).await?;
    while ids.len() < KNOWN {
        let count = CHUNK.min(KNOWN - ids.len());
        ids.extend(scene.files(count, &format!("plain-{}-", ids.len()), PLAIN).await?);
    }
    let (_, seconds) = scene.link(&ids).await?;
    figures.put("poll.known_files", ids.len() as f64, "files", Goal::None);
    figures.put("poll.linked_before_in", seconds, "s", Goal::None);
    let app = &scene.house.app;
    let feeds = feed::list(app, scene.connection.id).await?;
    ensure!(feeds.len() == 1, "one feed is expected, not {}", feeds.len());
    // The feed has been open since before the files were made: their making is read off first.
    let target = scene.cloud.control.create_file(&folder()).await?.id;
    feed::poll_now(app, &scene.ann.principal, feeds[0].id).await?;
    scene.house.drain().await;

    for id in &ids[..6] {
        scene.cloud.control.edit_text(id, "other words\n").await?;
    }
    for id in &ids[KNOWN - 2..] {
        scene.cloud.control.rename(id, "another name.bin").await?;
    }
    scene.cloud.control.trash(&ids[KNOWN / 2]).await?;
    scene.cloud.control.move_to(&ids[KNOWN / 2 + 1], &target).await?;

    let head = change::head(app).await?;
    feed::poll_now(app, &scene.ann.principal, feeds[0].id).await?;
    scene.forget_calls().await?;
    let began = Instant::now();
    // Only the class of polls: pictures of edited files are fetched later and counted by themselves.
    let claimed = job::claim(app, "bench", JobClass::Sync, 1).await?;
    ensure!(claimed.len() == 1, "the poll was not due");
    let polled = feed::poll(app, &claimed[0], feeds[0].id).await?;
    let ended = claimed.into_iter().map(|job| (job, job::Outcome::Done)).collect::<Vec<_>>();
    job::finish_many(app, &ended).await?;
    let seconds = began.elapsed().as_secs_f64();
    let calls = scene.calls().await?;
    println!("  calls: {}", calls.join(", "));
    let lines = change::read(app, head, 1000).await?.lines;
    let kinds: Vec<_> = lines.iter().map(|line| line.kind).collect();
    let count = |kind| kinds.iter().filter(|known| **known == kind).count();
    ensure!(count(ChangeKind::Content) == 6, "six edits are expected: {kinds:?}");
    ensure!(count(ChangeKind::Availability) == 1, "one lost file is expected: {kinds:?}");
    figures.put("poll.cloud_calls", calls.len() as f64, "calls", Goal::AtMost(5.0));
    figures.put("poll.seconds", seconds, "s", Goal::None);
    figures.put("poll.entries", polled.entries as f64, "entries", Goal::None);
    figures.put("poll.effects", polled.effects as f64, "docs", Goal::None);

    scene.forget_calls().await?;
    let runs = scene.house.drain().await;
    figures.put("poll.pictures_afterwards", runs as f64, "jobs", Goal::None);
    figures.put("poll.calls_for_pictures", scene.calls().await?.len() as f64, "calls", Goal::None);
    Ok(())
}

fn folder() -> NewFile {
    NewFile {
        owner: ACCOUNT.into(),
        name: "Elsewhere".into(),
        mime_type: Some("application/vnd.google-apps.folder".into()),
        ..NewFile::default()
    }
}
