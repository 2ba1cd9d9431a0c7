//! What the child process does: restrain itself, read its standard input, answer on its standard output, end.

use std::{
    convert::Infallible,
    ffi::OsString,
    fs::File,
    io::{self, Read, Seek, Write},
    os::{
        fd::AsFd,
        unix::{fs::FileExt, process::CommandExt},
    },
    path::Path,
    process::Command,
    sync::Arc,
};

use super::{
    Hint, Limits, MAX_INPUT, MAX_PDF, Task, Walls, Wants,
    answer::{HINT, Header, bare, clip},
    restrain,
};
use crate::{
    Outcome, Report, Source,
    detect::{self, Format},
    picture::{self, Picture},
    text,
    tools::{self, Tool},
};

/// Enough of a file that is too large to tell what it is.
const HEAD: u64 = 1 << 20;

/// What a process saw of a file.
#[derive(Debug)]
pub struct Seen {
    pub report: Report,
    pub text: String,
    pub pictures: Vec<Picture>,
    pub peak_memory: u64,
    pub walls: Walls,
    /// What kind of program could tell more of it.
    pub wants: Option<Wants>,
}

/// Reads the file on standard input and answers on standard output, for the parent at the other end. `parent` is its
/// process, which must still be there.
///
/// # Errors
/// When the process cannot be restrained, or nobody listens; no file is the reason.
pub fn serve(task: Task, parent: u32) -> io::Result<()> {
    let hint = std::env::var(HINT).ok().and_then(|hint| serde_json::from_str(&hint).ok()).unwrap_or_default();
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    reply(&mut out, see(task, &file, hint, 0, || guard(parent))?)
}

/// Reads what ffprobe answered, on standard input, and answers on standard output as `serve` does.
///
/// # Errors
/// As `serve`.
pub fn serve_told(parent: u32) -> io::Result<()> {
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let size = file.metadata()?.len();
    let walls = restrain::to_reading(&Limits::widest(Task::Text), 0)?;
    guard(parent)?;
    let mut report = match tools::told(&bytes(&file, size, Tool::Ffprobe.limits().output)?) {
        Ok(metadata) => Report { metadata, detail: None, ..bare(Outcome::Ok, None, "") },
        Err(fault) => bare(fault.outcome, None, fault.detail),
    };
    clip(&mut report.metadata);
    let (text, pictures) = (String::new(), Vec::new());
    reply(&mut out, Seen { report, text, pictures, peak_memory: 0, walls, wants: None })
}

/// Becomes an optional program that works on standard input, held as tightly as such a program can be. It does not return.
///
/// # Errors
/// When the process cannot be restrained or the program not started.
pub fn become_tool(tool: Tool, program: &Path, args: &[OsString], parent: u32) -> io::Result<Infallible> {
    let input = io::stdin();
    restrain::to_running(&tool.limits(), program, input.as_fd())?;
    guard(parent)?;
    Err(Command::new(program).args(args).exec())
}

fn guard(parent: u32) -> io::Result<()> {
    is_child_of(parent).then_some(()).ok_or_else(|| io::Error::other("the parent is gone"))
}

fn reply(out: &mut File, seen: Seen) -> io::Result<()> {
    let header = Header {
        report: seen.report,
        text: seen.text.len() as u64,
        pictures: seen.pictures.iter().map(|one| (one.info.clone(), one.bytes.len() as u64)).collect(),
        peak_memory: seen.peak_memory,
        walls: seen.walls,
        wants: seen.wants,
    };
    let mut line = serde_json::to_vec(&header)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.write_all(seen.text.as_bytes())?;
    seen.pictures.iter().try_for_each(|picture| out.write_all(&picture.bytes))
}

/// Reads one file in this process, for a person who looks on. The process is restrained from here on, for good.
///
/// # Errors
/// When the file or the process does not let itself be read or restrained.
pub fn inspect(task: Task, file: &File, hint: Hint) -> io::Result<Seen> {
    // What a person has made of standard output may be a file.
    see(task, file, hint, Limits::widest(task).output * 2, || Ok(()))
}

fn see(task: Task, file: &File, hint: Hint, written: u64, guard: impl Fn() -> io::Result<()>) -> io::Result<Seen> {
    let size = file.metadata()?.len();
    // Opened now: later nothing can be opened.
    let status = File::open("/proc/self/status").ok();
    let walls = restrain::to_reading(&Limits::widest(task), written)?;
    guard()?;
    #[cfg(debug_assertions)]
    if let Some(report) = super::misbehave::asked(&hint) {
        return Ok(Seen { report, text: String::new(), pictures: Vec::new(), peak_memory: 0, walls, wants: None });
    }
    let ((mut report, text, pictures), wants) = match load(file, size, hint)? {
        Ok(source) => {
            let format = detect::format(&source);
            restrain::narrow(&Limits::of(task, format.family()))?;
            (read(task, &source, format), Wants::of(format))
        }
        Err((report, format)) => ((report, String::new(), Vec::new()), format.and_then(Wants::of)),
    };
    clip(&mut report.metadata);
    Ok(Seen { report, text, pictures, peak_memory: status.and_then(peak).unwrap_or(0), walls, wants })
}

fn read(task: Task, source: &Source, format: Format) -> (Report, String, Vec<Picture>) {
    if task == Task::Text {
        let (report, text) = text::read(source);
        return (report, text, Vec::new());
    }
    let mime_type = Some(format.mime_type());
    let (mut report, pictures) = match picture::draw_as(source, format, &picture::SIZES) {
        Ok(pictures) => (Report { detail: None, ..bare(Outcome::Ok, mime_type, "") }, pictures),
        Err(fault) => (bare(fault.outcome, mime_type, fault.detail), Vec::new()),
    };
    // Whoever draws a film needs to know how long it is.
    if format == Format::Video && pictures.is_empty() {
        report.metadata = text::read(source).0.metadata;
    }
    (report, String::new(), pictures)
}

/// The report on a file that is too large to read, and what it is where that could be told.
type TooLarge = (Report, Option<Format>);

/// The file's bytes; or, of a file that is too large to read, the report on it.
fn load(file: &File, size: u64, hint: Hint) -> io::Result<Result<Source, TooLarge>> {
    let source = |bytes| Source { bytes: Arc::new(bytes), name: hint.name.clone(), mime_type: hint.mime_type.clone() };
    let mut most = MAX_INPUT;
    if size > MAX_INPUT {
        let head = source(bytes(file, size, HEAD)?);
        let format = detect::format(&head);
        if format != Format::Pdf || size > MAX_PDF {
            let detail = format!("{size} bytes are more than are read");
            return Ok(Err((bare(Outcome::TooLarge, Some(format.mime_type()), detail), Some(format))));
        }
        most = MAX_PDF;
    }
    let bytes = bytes(file, size, most + 1)?;
    // It grew while it was read, or it never told its size.
    if bytes.len() as u64 > most {
        let detail = format!("more than {most} bytes are not read");
        return Ok(Err((bare(Outcome::TooLarge, None, detail), None)));
    }
    Ok(Ok(source(bytes)))
}

/// At most so many bytes from the start, wherever others who share the descriptor stand; of a pipe, what comes.
fn bytes(file: &File, size: u64, most: u64) -> io::Result<Vec<u8>> {
    let room = usize::try_from(size.min(most)).unwrap_or(0);
    let mut all = Vec::with_capacity(room);
    let mut piece = vec![0; 256 << 10];
    loop {
        let want = piece.len().min(usize::try_from(most - all.len() as u64).unwrap_or(usize::MAX));
        let got = match file.read_at(&mut piece[..want], all.len() as u64) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::NotSeekable => (&mut &*file).read(&mut piece[..want])?,
            got => got?,
        };
        match got {
            0 => return Ok(all),
            got => all.extend_from_slice(&piece[..got]),
        }
    }
}

/// The most memory this process has had, in bytes.
fn peak(mut status: File) -> Option<u64> {
    let mut text = String::new();
    status.rewind().ok()?;
    status.read_to_string(&mut text).ok()?;
    super::run::field(&text, "VmHWM:")
}

fn is_child_of(parent: u32) -> bool {
    std::os::unix::process::parent_id() == parent
}
