//! What the child process does: restrain itself, read its standard input, answer on its standard output, end.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    os::{fd::AsFd, unix::fs::FileExt},
    sync::Arc,
};

use super::{
    Hint, Limits, MAX_INPUT, MAX_PDF, Task, Walls,
    answer::{HINT, Header, bare, clip},
    restrain,
};
use crate::{
    Outcome, Report, Source, detect,
    picture::{self, Picture},
    text,
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
    let guard = || is_child_of(parent).then_some(()).ok_or_else(|| io::Error::other("the parent is gone"));
    let seen = see(task, &file, hint, 0, guard)?;
    let header = Header {
        report: seen.report,
        text: seen.text.len() as u64,
        pictures: seen.pictures.iter().map(|one| (one.info.clone(), one.bytes.len() as u64)).collect(),
        peak_memory: seen.peak_memory,
        walls: seen.walls,
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
        return Ok(Seen { report, text: String::new(), pictures: Vec::new(), peak_memory: 0, walls });
    }
    let (mut report, text, pictures) = match load(file, size, hint)? {
        Ok(source) => {
            restrain::narrow(&Limits::of(task, detect::format(&source).family()))?;
            read(task, &source)
        }
        Err(report) => (report, String::new(), Vec::new()),
    };
    clip(&mut report.metadata);
    Ok(Seen { report, text, pictures, peak_memory: status.and_then(peak).unwrap_or(0), walls })
}

fn read(task: Task, source: &Source) -> (Report, String, Vec<Picture>) {
    match task {
        Task::Text => {
            let (report, text) = text::read(source);
            (report, text, Vec::new())
        }
        Task::Picture => {
            let mime_type = detect::format(source).mime_type();
            match picture::draw(source, &picture::SIZES) {
                Ok(pictures) => {
                    let report = Report { detail: None, ..bare(Outcome::Ok, Some(mime_type), "") };
                    (report, String::new(), pictures)
                }
                Err(fault) => (bare(fault.outcome, Some(mime_type), fault.detail), String::new(), Vec::new()),
            }
        }
    }
}

/// The file's bytes; or, of a file that is too large to read, the report on it.
fn load(file: &File, size: u64, hint: Hint) -> io::Result<Result<Source, Report>> {
    let source = |bytes| Source { bytes: Arc::new(bytes), name: hint.name.clone(), mime_type: hint.mime_type.clone() };
    let mut most = MAX_INPUT;
    if size > MAX_INPUT {
        let head = source(bytes(file, size, HEAD)?);
        let format = detect::format(&head);
        if format != detect::Format::Pdf || size > MAX_PDF {
            let detail = format!("{size} bytes are more than are read");
            return Ok(Err(bare(Outcome::TooLarge, Some(format.mime_type()), detail)));
        }
        most = MAX_PDF;
    }
    let bytes = bytes(file, size, most + 1)?;
    // It grew while it was read, or it never told its size.
    if bytes.len() as u64 > most {
        return Ok(Err(bare(Outcome::TooLarge, None, format!("more than {most} bytes are not read"))));
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
