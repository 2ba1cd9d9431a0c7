//! `hawser extract`: one file read in this process, under limits. The workers start it, one process a file; a person may, to
//! see what a file comes to. It must run before anything else has started a thread.

use std::{fs::File, path::PathBuf};

use anyhow::{Context, Result};
use hawser_extract::child::{self, Hint, Seen};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// What is wanted of the file
    task: Task,
    /// The file; without one it is the standard input, and the answer is for a program
    #[arg(required_unless_present = "parent")]
    file: Option<PathBuf>,
    /// What the file is said to be
    #[arg(long)]
    mime_type: Option<String>,
    /// The process that listens
    #[arg(long, hide = true, conflicts_with = "file")]
    parent: Option<u32>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Task {
    Text,
    Picture,
}

impl From<Task> for child::Task {
    fn from(task: Task) -> Self {
        match task {
            Task::Text => Self::Text,
            Task::Picture => Self::Picture,
        }
    }
}

/// Reads one file, and gives up for good what reading does not need.
pub fn run(options: Options) -> Result<()> {
    let task = options.task.into();
    let Some(file) = options.file else {
        return Ok(child::serve(task, options.parent.unwrap_or_default())?);
    };
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let open = File::open(&file).with_context(|| format!("cannot open {}", file.display()))?;
    let seen = child::inspect(task, &open, Hint { name, mime_type: options.mime_type })?;
    crate::say(&told(&seen)?);
    Ok(())
}

fn told(seen: &Seen) -> Result<String> {
    let mut lines = vec![serde_json::to_string_pretty(&seen.report)?];
    lines.push(format!("{} MB of memory; {:?}", seen.peak_memory / 1_000_000, seen.walls));
    for picture in &seen.pictures {
        lines.push(format!("{:?}, {} bytes", picture.info, picture.bytes.len()));
    }
    lines.push(String::new());
    lines.push(seen.text.clone());
    Ok(lines.join("\n"))
}
