//! Optional programs on a stranger's file, held as our own readers are. The programs here are scripts that try what they
//! must not, and draw a picture only when all of it was refused.

use std::{fs::File, net::TcpListener, os::unix::fs::PermissionsExt, path::Path};

use hawser_extract::{
    Outcome,
    child::{self, Answer, Hint, Task},
    tools::Tools,
};
use hawser_tests::program;
use tempfile::TempDir;

use crate::extraction_child::file;

/// What a film begins with; more of it no script looks at.
const FILM: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free";

/// A folder with a script of these lines, which ends by showing a picture that lies beside it.
fn script(lines: &str) -> (TempDir, Tools) {
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("drawn.png");
    image::RgbImage::from_pixel(32, 16, image::Rgb([0, 0, 255])).save(&drawn).unwrap();
    let program = folder.path().join("ffmpeg");
    let text = format!("#!/bin/bash\ncd {}\n{lines}\nexec /bin/cat drawn.png\n", folder.path().display());
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, Tools { ffmpeg: Some(program), ..Tools::default() })
}

async fn drawn(tools: &Tools) -> Answer {
    let hint = Hint { name: Some("film.mp4".into()), mime_type: None };
    child::read(&program(), tools, Task::Picture, file(FILM), &hint).await.unwrap()
}

#[tokio::test]
async fn a_program_draws_what_we_do_not_and_its_picture_is_read_as_a_strangers() {
    let (_folder, tools) = script("");
    let answer = drawn(&tools).await;
    assert_eq!(answer.report.outcome, Outcome::Ok, "{answer:?}");
    assert_eq!((answer.pictures[0].info.width, answer.pictures[0].info.height), (32, 16));
    assert!(drawn(&Tools::default()).await.pictures.is_empty(), "drawn without a program");
}

#[tokio::test]
async fn a_program_reads_no_other_file_writes_none_and_reaches_no_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let elsewhere = tempfile::tempdir().unwrap();
    let (secret, written) = (elsewhere.path().join("secret"), elsewhere.path().join("written"));
    std::fs::write(&secret, "secret").unwrap();
    let reads = format!("{{ read line < {}; }} 2>/dev/null && exit 1", secret.display());
    let writes = format!("{{ echo x > {}; }} 2>/dev/null && exit 1", written.display());
    let beside = "{ echo x > beside; } 2>/dev/null && exit 1".to_owned();
    let connects = format!("{{ echo x > /dev/tcp/127.0.0.1/{port}; }} 2>/dev/null && exit 1");
    let has_landlock = drawn(&Tools::default()).await.walls.files;
    for (attempt, needs_landlock) in [(reads, true), (writes, false), (beside, false), (connects, false)] {
        if needs_landlock && !has_landlock {
            continue;
        }
        let (folder, tools) = script(&attempt);
        let answer = drawn(&tools).await;
        assert_eq!(answer.pictures.len(), 2, "{attempt}: {:?}", answer.report);
        let left = |path: &Path| File::open(path).and_then(|file| file.metadata()).map_or(0, |file| file.len());
        assert_eq!(left(&written) + left(&folder.path().join("beside")), 0, "{attempt} left something behind");
    }
}

#[tokio::test]
async fn a_program_that_starts_others_says_too_much_or_nothing_leaves_our_own_answer() {
    for lines in ["(true) || exit 1", "while :; do echo too much; done", "exit 0", "exit 3", "kill -9 $$"] {
        let (_folder, tools) = script(lines);
        let answer = drawn(&tools).await;
        let is_kill = lines.starts_with("kill");
        // A signal to itself is a signal to somebody: it is refused, and the script goes on.
        assert_eq!(answer.pictures.is_empty(), !is_kill, "{lines}: {:?}", answer.report);
        assert_ne!(answer.report.outcome, Outcome::Crashed, "{lines}");
    }
}
