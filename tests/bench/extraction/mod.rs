//! Reading files, one process a file, two at a time: how fast, within how much memory, and how much of what is in them is
//! found. `--corpus DIR` names a folder with a `manifest.json` of what to expect; without it the files are made here.
//! Where a Tika application is at hand, the same files go through it as well, one process a file.

mod corpus;
mod judge;
mod read;
mod tika;

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use futures::{StreamExt, stream};

use crate::figure::{Figures, Goal};
use corpus::File;
use judge::{Share, Verdict};
use read::Reader;

/// Files read at the same time.
const ABREAST: usize = 2;
const TOGETHER: f64 = 97.0;
const EACH: f64 = 90.0;

/// What came of the files of one format.
#[derive(Default)]
struct Group {
    files: usize,
    bytes: u64,
    wall: Duration,
    memory: u64,
    phrases: Share,
    metadata: Share,
    pictures: Share,
    wrong: Vec<String>,
}

/// # Errors
/// When a goal is missed.
pub async fn run(figures: &Figures, folder: Option<&Path>, jar: Option<&Path>) -> Result<()> {
    let made = tempfile::tempdir()?;
    let files = match folder {
        Some(folder) => corpus::of(folder)?,
        None => corpus::made(made.path())?,
    };
    let reader = Reader {
        program: hawser_tests::program(),
        tools: hawser_extract::tools::find_on(&std::env::var_os("PATH").unwrap_or_default()),
    };
    println!("  optional programs: {:?}", reader.tools);
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    let kinds: std::collections::BTreeSet<_> = files.iter().map(|file| file.kind.as_str()).collect();
    for kind in kinds {
        let of_kind: Vec<_> = files.iter().filter(|file| file.kind == kind).collect();
        groups.insert(kind, group(&reader, &of_kind).await?);
    }
    let missed = told(figures, &groups);
    let documents: Vec<_> = files.iter().filter(|file| !file.expect.phrases.is_empty()).collect();
    let beaten = compared(figures, &reader, &documents, jar).await?;
    match missed || beaten {
        true => bail!("a goal of extraction was missed"),
        false => Ok(()),
    }
}

async fn group(reader: &Reader, files: &[&File]) -> Result<Group> {
    let mut group = Group { files: files.len(), ..Group::default() };
    let began = Instant::now();
    let answers: Vec<_> = stream::iter(files).map(|file| reader.text(file)).buffered(ABREAST).collect().await;
    group.wall = began.elapsed();
    let drawn: Vec<_> = stream::iter(files).map(|file| reader.picture(file)).buffered(ABREAST).collect().await;
    for ((file, answer), drawn) in files.iter().zip(answers).zip(drawn) {
        let (answer, drawn) = (answer?, drawn?);
        let Verdict { phrases, metadata, pictures, wrong } = judge::of(file, &answer, &drawn);
        group.bytes += file.bytes;
        group.memory = group.memory.max(answer.peak_memory).max(drawn.peak_memory);
        group.phrases.add(phrases);
        group.metadata.add(metadata);
        group.pictures.add(pictures);
        group.wrong.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", file.name)));
    }
    Ok(group)
}

/// Prints what came of each format; `true` when a goal was missed.
fn told(figures: &Figures, groups: &BTreeMap<&str, Group>) -> bool {
    let (mut all, mut wall, mut missed) = (Group::default(), Duration::ZERO, false);
    println!("  format     files     docs/s      MB/s   phrases  metadata  pictures  peak MB  outcomes");
    for (kind, group) in groups {
        let seconds = group.wall.as_secs_f64();
        println!(
            "  {kind:<10} {:>5} {:>10.1} {:>9.2} {:>9} {:>9} {:>9} {:>8} {:>9}",
            group.files,
            group.files as f64 / seconds,
            group.bytes as f64 / 1e6 / seconds,
            group.phrases.to_string(),
            group.metadata.to_string(),
            group.pictures.to_string(),
            group.memory / 1_000_000,
            group.files - group.wrong.len().min(group.files),
        );
        let below = group.phrases.percent().is_some_and(|percent| percent < EACH);
        missed |= below;
        if below {
            println!("    MISSED: fewer than {EACH} % of its phrases");
        }
        for wrong in &group.wrong {
            println!("    MISSED: {wrong}");
        }
        missed |= !group.wrong.is_empty();
        all.files += group.files;
        all.bytes += group.bytes;
        wall += group.wall;
        all.memory = all.memory.max(group.memory);
        all.phrases.add(group.phrases);
        all.metadata.add(group.metadata);
        all.pictures.add(group.pictures);
    }
    let seconds = wall.as_secs_f64();
    figures.put("extraction.documents", all.files as f64 / seconds, "docs/s", Goal::None);
    figures.put("extraction.bytes", all.bytes as f64 / 1e6 / seconds, "MB/s", Goal::None);
    figures.put("extraction.memory", all.memory as f64 / (1 << 20) as f64, "MiB", Goal::AtMost(768.0));
    for (name, share, least) in
        [("phrases", all.phrases, Some(TOGETHER)), ("metadata", all.metadata, None), ("pictures", all.pictures, None)]
    {
        if let Some(percent) = share.percent() {
            let goal = least.map_or(Goal::None, Goal::AtLeast);
            figures.put(&format!("extraction.{name}"), percent, "%", goal);
            missed |= least.is_some_and(|least| percent < least);
        }
    }
    missed
}

/// Runs the same files through Tika; `true` when it is faster or finds more than it may.
async fn compared(figures: &Figures, reader: &Reader, files: &[&File], jar: Option<&Path>) -> Result<bool> {
    let tika = match tika::find(jar) {
        Ok(tika) => tika,
        Err(why) => {
            println!("  the ratio to Tika was not measured: {why}");
            return Ok(false);
        }
    };
    println!("  {} files through Tika as well, {ABREAST} at a time, one process a file", files.len());
    let began = Instant::now();
    let ours: Vec<_> = stream::iter(files).map(|file| reader.text(file)).buffered(ABREAST).collect().await;
    let our_rate = files.len() as f64 / began.elapsed().as_secs_f64();
    let began = Instant::now();
    let theirs: Vec<_> = stream::iter(files).map(|file| tika.text(file)).buffered(ABREAST).collect().await;
    let their_rate = files.len() as f64 / began.elapsed().as_secs_f64();
    let (mut our, mut their) = (Share::default(), Share::default());
    for ((file, ours), theirs) in files.iter().zip(ours).zip(theirs) {
        our.add(judge::phrases(file, &ours?.text));
        their.add(judge::phrases(file, &theirs?));
    }
    let (our_recall, their_recall) = (our.percent().unwrap_or(0.0), their.percent().unwrap_or(0.0));
    figures.put("extraction.rate", our_rate, "docs/s", Goal::None);
    figures.put("extraction.tika_rate", their_rate, "docs/s", Goal::None);
    figures.put("extraction.ratio", our_rate / their_rate, "x", Goal::AtLeast(3.0));
    figures.put("extraction.tika_phrases", their_recall, "%", Goal::None);
    figures.put("extraction.phrases_more", our_recall - their_recall, "points", Goal::AtLeast(0.0));
    Ok(our_rate / their_rate < 3.0 || our_recall < their_recall)
}
