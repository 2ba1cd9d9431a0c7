//! `hawser extract`: one file read in this process, under limits. The workers start it, one process a file; a person may, to
//! see what a file comes to. It must run before anything else has started a thread.

use std::{ffi::OsString, fs::File, path::PathBuf};

use anyhow::{Context, Result, bail};
use hawser_extract::{
    child::{self, Hint, Seen},
    tools::Tool,
};

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
    /// The optional program whose limits hold
    #[arg(long, hide = true, requires = "parent", value_parser = |word: &str| Tool::of(word).ok_or("no such tool"))]
    tool: Option<Tool>,
    /// The optional program, and its arguments
    #[arg(last = true, hide = true, requires = "tool")]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Task {
    /// Its text, and what it says of itself
    Text,
    /// Pictures of it
    Picture,
    /// What an optional program answered
    #[value(hide = true)]
    Told,
    /// An optional program on it
    #[value(hide = true)]
    Tool,
}

/// Reads one file, and gives up for good what reading does not need.
pub fn run(options: Options) -> Result<()> {
    let parent = options.parent.unwrap_or_default();
    let task = match options.task {
        Task::Text => child::Task::Text,
        Task::Picture => child::Task::Picture,
        Task::Told => return Ok(child::serve_told(parent)?),
        Task::Tool => {
            let (Some(tool), Some((program, args))) = (options.tool, options.command.split_first()) else {
                bail!("which program?")
            };
            match child::become_tool(tool, program.as_ref(), args, parent)? {}
        }
    };
    let Some(file) = options.file else {
        return Ok(child::serve(task, parent)?);
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
