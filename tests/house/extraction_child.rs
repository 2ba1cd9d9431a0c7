//! The process that reads one file, by the real binary: whatever it tries it is held, whatever it says is checked, and every
//! end has one outcome.

use std::{fs::File, io::Write, time::Duration};

use hawser_extract::{
    Outcome, Source,
    child::{self, Answer, Hint, Limits, Task},
    text,
};
use hawser_tests::specimen::sound;

use hawser_tests::program;

/// A file with these bytes, open to be read.
pub fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file.reopen().unwrap()
}

/// What comes of a reader that does what `what` says.
async fn misbehaving(what: &str, wall: Duration) -> Answer {
    let hint = Hint { name: Some(what.into()), mime_type: Some("application/x-hawser-misbehaviour".into()) };
    let limits = Limits { wall, ..Limits::widest(Task::Text) };
    child::run_within(&program(), Task::Text, file(b"any"), &hint, &limits).await.unwrap()
}

const SHORT: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_reader_that_never_ends_is_ended_by_the_wall_clock() {
    for what in ["loop", "hold back"] {
        let answer = misbehaving(what, SHORT).await;
        assert_eq!(answer.report.outcome, Outcome::Timeout, "{what}");
        assert!(answer.elapsed >= SHORT && answer.elapsed < SHORT * 3, "{what}: {:?}", answer.elapsed);
    }
}

#[tokio::test]
async fn a_reader_that_uses_up_its_processor_time_is_ended_by_the_kernel() {
    let answer = misbehaving("burn", LONG).await;
    assert_eq!(answer.report.outcome, Outcome::Timeout);
    assert!(answer.elapsed < Duration::from_secs(20), "{:?}", answer.elapsed);
}

#[tokio::test]
async fn a_reader_that_hoards_memory_ends_within_its_limit() {
    let answer = misbehaving("hoard", LONG).await;
    assert_eq!(answer.report.outcome, Outcome::Oom, "{answer:?}");
    assert!(answer.peak_memory <= Limits::widest(Task::Text).memory, "{}", answer.peak_memory);
}

#[tokio::test]
async fn a_reader_that_breaks_off_has_crashed_and_nothing_it_said_before_is_kept() {
    for what in ["panic", "recurse", "recant"] {
        let answer = misbehaving(what, LONG).await;
        assert_eq!(answer.report.outcome, Outcome::Crashed, "{what}: {answer:?}");
        assert_eq!(answer.text, "", "{what}");
        let trouble = answer.trouble.unwrap_or_default();
        assert!(trouble.len() <= 1024 && (what == "recurse" || trouble.contains("panicked")), "{what}: {trouble}");
    }
}

#[tokio::test]
async fn a_reader_opens_starts_and_reaches_nothing() {
    for what in ["open", "write", "connect", "start", "thread", "grow"] {
        let answer = misbehaving(what, LONG).await;
        let detail = answer.report.detail.unwrap_or_default();
        assert_eq!(answer.report.outcome, Outcome::Malformed, "{what}: {detail}");
        assert!(detail.contains("not permitted") || detail.contains("denied"), "{what}: {detail}");
        assert!(answer.walls.calls || answer.walls.files, "{what}: no wall stood");
    }
}

/// Some readers follow nesting on a thread with a stack of its own.
#[tokio::test]
async fn a_reader_may_have_threads_and_those_are_held_as_well() {
    let answer = misbehaving("threads", LONG).await;
    assert_eq!(answer.report.outcome, Outcome::Ok, "{:?}", answer.report.detail);
}

#[tokio::test]
async fn every_sound_file_is_read_behind_the_walls_as_it_is_without_them() {
    for one in sound(3) {
        let hint = Hint { name: Some(one.name.clone()), mime_type: None };
        let answer = child::run(&program(), Task::Text, file(&one.bytes), &hint).await.unwrap();
        assert_eq!(answer.report.outcome, Outcome::Ok, "{}: {:?}", one.name, answer.report.detail);
        for phrase in &one.phrases {
            assert!(answer.text.contains(phrase), "{}: {phrase:?} is not in it", one.name);
        }
        let source = Source { bytes: one.bytes.into(), name: Some(one.name.clone()), mime_type: None };
        assert_eq!(text::read(&source).1, answer.text, "{}", one.name);
    }
}

#[tokio::test]
async fn what_a_reader_says_is_never_believed_over_what_it_sends() {
    for what in ["flood", "boast", "fall short", "babble"] {
        let answer = misbehaving(what, LONG).await;
        assert_eq!(answer.report.outcome, Outcome::Crashed, "{what}: {answer:?}");
        assert_eq!(answer.text, "", "{what}");
    }
    let answer = misbehaving("chatter", SHORT).await;
    assert_eq!(answer.report.outcome, Outcome::Timeout);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_the_files_fault() {
    let nowhere = std::path::Path::new("/nowhere/hawser");
    let error = child::run(nowhere, Task::Text, file(b"any"), &Hint::default()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
