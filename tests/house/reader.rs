//! Workers killed while they read, keep and index: every document ends read and found, once, and nothing is left behind.

use std::{collections::HashSet, io::BufRead, path::Path, process::Stdio, time::Duration};

use hawser_domain::{
    App, blob,
    entity::{extraction, picture, reading, rendition},
    extraction as extractions,
    page::Span,
    principal::Actor,
    search,
};
use hawser_sandbox::control::Bulk;
use hawser_tests::{ACCOUNT, House, Scene, inherited, reading as with_reader};
use sea_orm::{EntityTrait, PaginatorTrait};

const FILES: usize = 500;
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_during_five_hundred_extractions_leave_every_document_read_and_found_once() {
    let scene = Scene::with(|config| {
        with_reader(config);
        config.lease_seconds = 3;
    })
    .await;
    scene.house.leave_jobs();
    let bulk = Bulk {
        owner: ACCOUNT.into(),
        count: FILES,
        prefix: "log-".into(),
        text: Some("the watch of day {n} saw nothing".into()),
        ..Bulk::default()
    };
    let ids = scene.cloud.control.create_files(&bulk).await.unwrap();
    let linked = scene.try_link(&ids.iter().map(String::as_str).collect::<Vec<_>>(), None).await;
    assert!(linked.iter().all(Result::is_ok));
    let app = &scene.house.app;
    for kill in 0..KILLS {
        let heard = kill_a_worker_at_work(&scene.house, 5 + kill * 7 % 11);
        assert!(heard > 0, "the worker never worked before kill {kill}");
    }
    let before = readings(app).await;
    assert!(before < FILES as u64, "all was read before the last kill: the test proves nothing");
    let workers = hawser_workers::Workers::start(app.clone(), hawser_workers::Slots::spread(8));
    let mut news = app.news.subscribe();
    while readings(app).await < FILES as u64 {
        tokio::time::timeout(Duration::from_secs(120), news.changed()).await.expect("the rest is read").unwrap();
    }
    workers.stop().await;
    scene.house.drain().await;
    let all = extraction::Entity::find().all(app.database.read()).await.unwrap();
    assert_eq!(all.len(), FILES, "one for each text");
    assert!(
        all.iter().all(|row| row.outcome == extraction::Outcome::Ok),
        "{:?}",
        all.iter().find(|row| row.outcome != extraction::Outcome::Ok)
    );
    found_once(&scene).await;
    no_orphans(&scene).await;
    println!("{KILLS} kills, {before} of {FILES} read before the last");
}

/// Every document is found by the words that only it holds, and once.
async fn found_once(scene: &Scene) {
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    search::catch_up(app).await.unwrap();
    let asked = |text: String| async move {
        let request = search::Request { text, span: Span::first(10), plain: true, ..Default::default() };
        search::search(app, who, &request).await.unwrap()
    };
    assert_eq!(asked("content:watch".into()).await.total, FILES as u64);
    for n in 0..FILES {
        let found = asked(format!("\"of day {n} saw\"")).await;
        let names: Vec<_> = found.hits.iter().map(|hit| hit.document.name.as_str()).collect();
        assert_eq!((found.total, names.len()), (1, 1), "day {n}: {names:?}");
    }
}

async fn readings(app: &App) -> u64 {
    reading::Entity::find().count(app.database.read()).await.unwrap()
}

/// Whatever lies in the folder of blobs is referred to, once what was given up is collected; and nothing else lies about.
async fn no_orphans(scene: &Scene) {
    let app = &scene.house.app;
    scene.house.clock.advance(Duration::from_secs(2 * 86_400));
    extractions::collect(app, Duration::from_secs(86_400)).await.unwrap();
    blob::collect(app, Duration::from_secs(86_400)).await.unwrap();
    let w = app.write(Actor::System).await.unwrap();
    let texts = extraction::Entity::find().all(w.db()).await.unwrap().into_iter().filter_map(|row| row.text_blob);
    let pictures = picture::Entity::find().all(w.db()).await.unwrap().into_iter().map(|row| row.blob);
    let renditions = rendition::Entity::find().all(w.db()).await.unwrap().into_iter().map(|row| row.blob);
    let wanted: HashSet<_> = texts.chain(pictures).chain(renditions).collect();
    w.rollback().await.unwrap();
    let there: HashSet<_> = scene.house.blobs().await.into_iter().collect();
    assert_eq!(there, wanted);
    let top = names(scene.house.folder());
    let strangers: Vec<_> = top.iter().filter(|name| name.starts_with(".tmp")).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: std::fs::DirEntry| match entry.path() {
        path if path.is_dir() => names(&path),
        path => vec![path.file_name().unwrap_or_default().to_string_lossy().into_owned()],
    };
    entries.flat_map(name).collect()
}

/// Starts this test binary again as a worker on the same folder, and kills it once it has told of so many commits. Returns how
/// many it told of.
fn kill_a_worker_at_work(house: &House, commits: usize) -> usize {
    let mut child = house
        .again("reader::a_worker_that_reads_until_it_is_killed")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).filter(|line| line.contains("commit")).take(commits).count();
    child.kill().unwrap();
    child.wait().unwrap();
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test that kills it"]
async fn a_worker_that_reads_until_it_is_killed() {
    let Some(config) = inherited() else { return };
    let app = App::open(config, Default::default()).await.unwrap();
    let mut news = app.news.subscribe();
    let _workers = hawser_workers::Workers::start(app.clone(), hawser_workers::Slots::spread(8));
    loop {
        news.changed().await.unwrap();
        println!("commit {}", *news.borrow_and_update());
    }
}
