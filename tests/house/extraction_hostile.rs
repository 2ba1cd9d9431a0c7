//! Files that would take a reader's memory, time or sight: each ends within its limits, and the process that asked for it
//! does not grow.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use hawser_extract::{
    Outcome,
    child::{self, Hint, Limits, Task},
};
use hawser_tests::specimen::{Specimen, hostile, referring};
use tokio::io::AsyncReadExt;

use hawser_tests::program;

/// What the process that asks may grow by: an answer holds up to 16 MiB while it is looked at, and is given back.
const GROWTH: u64 = 8 << 20;
const ALONE: &str = "HAWSER_TEST_ALONE";

/// A folder of hostile files, and what is expected of each.
fn folder() -> (tempfile::TempDir, Vec<(PathBuf, Specimen)>) {
    let folder = tempfile::tempdir().unwrap();
    let put = |mut one: Specimen| {
        let path = folder.path().join(&one.name);
        std::fs::write(&path, std::mem::take(&mut one.bytes)).unwrap();
        (path, one)
    };
    let put = hostile().into_iter().map(put).collect();
    (folder, put)
}

async fn read(path: &Path, task: Task) -> child::Answer {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let hint = Hint { name: Some(name), mime_type: None };
    child::run(&program(), task, File::open(path).unwrap(), &hint).await.unwrap()
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Runs in a process of its own, so that no other test's memory is taken for this one's.
#[test]
fn every_hostile_file_ends_within_its_limits_and_whoever_asked_does_not_grow() {
    if std::env::var_os(ALONE).is_none() {
        let name = "extraction_hostile::every_hostile_file_ends_within_its_limits_and_whoever_asked_does_not_grow";
        let mut alone = Command::new(std::env::current_exe().unwrap());
        let output = alone.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let (_folder, files) = folder();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(read(&files[0].0, Task::Text));
    let before = resident();
    let mut wrong = Vec::new();
    for (path, one) in &files {
        for task in [Task::Text, Task::Picture] {
            let answer = runtime.block_on(read(path, task));
            let line = format!(
                "{} {task:?}: {:?} {} MB {:?} {:?}",
                one.name,
                answer.report.outcome,
                answer.peak_memory >> 20,
                answer.elapsed,
                answer.report.detail
            );
            println!("{line}");
            let within = answer.elapsed < Limits::widest(task).wall && answer.peak_memory <= memory(task);
            let ended = task == Task::Picture || one.ends.contains(&answer.report.outcome);
            let found = task == Task::Picture || one.phrases.iter().all(|phrase| answer.text.contains(phrase));
            if !(within && ended && found) || answer.report.outcome == Outcome::Crashed {
                wrong.push(line);
            }
        }
    }
    let grown = resident().saturating_sub(before);
    println!("grown by {grown} bytes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(grown <= GROWTH, "grown by {grown} bytes");
}

fn memory(task: Task) -> u64 {
    match task {
        Task::Text => 512 << 20,
        Task::Picture => 768 << 20,
    }
}

#[tokio::test]
async fn a_picture_shows_nothing_that_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.png");
    image::RgbImage::from_pixel(64, 64, image::Rgb([255, 0, 0])).save(&secret).unwrap();
    for address in [format!("file://{}", secret.display()), secret.display().to_string(), "secret.png".into()] {
        let one = referring(&address);
        let path = folder.path().join(&one.name);
        std::fs::write(&path, &one.bytes).unwrap();
        shows_nothing(&read(&path, Task::Picture).await);
    }
}

fn shows_nothing(answer: &child::Answer) {
    assert_eq!(answer.report.outcome, Outcome::Ok, "{:?}", answer.report);
    let picture = image::load_from_memory(&answer.pictures[0].bytes).unwrap().to_rgb8();
    assert!(picture.pixels().all(|pixel| pixel.0.iter().all(|part| *part > 250)), "something red came in");
}

/// A parent that is killed takes the readers along, however busy they are.
#[tokio::test]
async fn a_reader_dies_with_whoever_asked() {
    if std::env::var_os(ALONE).is_some() {
        let hint = Hint { name: Some("loop".into()), mime_type: Some("application/x-hawser-misbehaviour".into()) };
        let file = crate::extraction_child::file(b"any");
        child::run(&program(), Task::Text, file, &hint).await.unwrap();
        return;
    }
    let mut parent = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "extraction_hostile::a_reader_dies_with_whoever_asked", "--nocapture"])
        .env(ALONE, "1")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let reader = reader_of(parent.id().unwrap()).await;
    parent.start_kill().unwrap();
    // The readers hold nothing of the parent's, so the end of its output is its own end.
    let mut rest = String::new();
    parent.stdout.take().unwrap().read_to_string(&mut rest).await.unwrap();
    parent.wait().await.unwrap();
    let gone = async {
        while state(reader).is_some_and(|state| state != 'Z') {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the reader outlives its parent");
}

/// The process that reads for `parent`, once it is restrained.
async fn reader_of(parent: u32) -> u32 {
    let find = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        ids.find(|id| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            status.contains(&format!("\nPPid:\t{parent}\n")) && status.contains("\nSeccomp:\t2\n")
        })
    };
    let found = async {
        loop {
            match find() {
                Some(id) => return id,
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("no reader was started")
}

fn state(process: u32) -> Option<char> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("State:\t"))?.chars().next()
}
