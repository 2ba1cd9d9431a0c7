//! Optional programs on a file that our own readers do not draw, or know too little of. Each runs as a process of its own
//! under the limits of its kind; what it answers is a stranger's bytes again, and is read in yet another process.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
    time::Duration,
};

use tokio::process::Command;

use super::{
    Answer, Hint, Limits, Task, Wants,
    run::{Heard, hear, raw, run, run_plainly},
};
use crate::{
    Outcome,
    detect::Format,
    tools::{self, Step, Tool, Tools},
};

/// Enough of a file to tell which reader a program needs.
const HEAD: usize = 512;

impl Tool {
    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg",
            Self::Ffprobe => "ffprobe",
            Self::Vipsthumbnail => "vipsthumbnail",
        }
    }

    /// The tool of that word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Ffmpeg, Self::Ffprobe, Self::Vipsthumbnail].into_iter().find(|tool| tool.word() == word)
    }

    /// What it may use: more than our own readers, for it loads libraries and decodes films.
    pub(super) fn limits(self) -> Limits {
        let memory = match self {
            Self::Vipsthumbnail => 2 << 30,
            Self::Ffmpeg | Self::Ffprobe => 3 << 29,
        };
        Limits { memory, processor: 30, wall: Duration::from_secs(40), output: 4 << 20 }
    }
}

/// `run`, and then whatever of `tools` can add to it: a picture where we drew none, and of sounds and films what a program
/// that decodes them tells.
///
/// # Errors
/// As `run`. A tool that is missing, fails or breaks off takes nothing away from our own answer.
pub async fn read(program: &Path, tools: &Tools, task: Task, input: File, hint: &Hint) -> io::Result<Answer> {
    let mut answer = run(program, task, input.try_clone()?, hint).await?;
    let Some(format) = answer.wants.map(Wants::format) else { return Ok(answer) };
    let mut head = [0; HEAD];
    let got = input.read_at(&mut head, 0).unwrap_or(0);
    let head = &head[..got];
    match task {
        Task::Picture if answer.pictures.is_empty() => {
            for step in tools::for_picture(tools, format, head, answer.report.metadata.duration_ms) {
                let Some(drawn) = ask(program, &step, &input).await? else { continue };
                let drawn = run(program, Task::Picture, drawn, &Hint::default()).await?;
                if !drawn.pictures.is_empty() {
                    answer.pictures = drawn.pictures;
                    answer.report.outcome = Outcome::Ok;
                    answer.report.detail = None;
                    break;
                }
            }
        }
        Task::Text => {
            if let Some(step) = tools::for_metadata(tools, format, head)
                && let Some(told) = ask(program, &step, &input).await?
            {
                let told = run_plainly(program, "told", told).await?;
                if told.report.outcome == Outcome::Ok {
                    answer.report.metadata = tools::complete(answer.report.metadata, told.report.metadata);
                }
            }
        }
        Task::Picture => {}
    }
    Ok(answer)
}

/// What a program answers, as a file; nothing where it does not end well.
async fn ask(program: &Path, step: &Step, input: &File) -> io::Result<Option<File>> {
    let mut command = Command::new(program);
    command.args(["extract", "tool", "--parent", &std::process::id().to_string(), "--tool", step.tool.word(), "--"]);
    command.arg(&step.program).args(&step.args);
    let limits = step.tool.limits();
    match hear(command, input.try_clone()?, &limits, |stdout| raw(stdout, limits.output)).await? {
        Heard { said: Ok(bytes), .. } if !bytes.is_empty() => {
            let mut file = tempfile::tempfile()?;
            file.write_all(&bytes)?;
            Ok(Some(file))
        }
        _ => Ok(None),
    }
}

impl Wants {
    fn format(self) -> Format {
        match self {
            Self::Still => Format::Heif,
            Self::Film => Format::Video,
            Self::Sound => Format::Audio,
        }
    }

    pub(super) fn of(format: Format) -> Option<Self> {
        match format {
            Format::Heif | Format::Avif => Some(Self::Still),
            Format::Video => Some(Self::Film),
            Format::Audio => Some(Self::Sound),
            _ => None,
        }
    }
}
