//! The parent's end: starts the process, listens within limits, and tells how it ended. It parses none of the file, and
//! holds no more memory than the answer may have.

use std::{
    fs::File,
    io,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

use super::{
    Answer, Hint, Limits, Task,
    answer::{HINT, Header, MAX_HEADER, bare},
    ended::{self, Ended},
};
use crate::{Outcome, Report, picture::Picture};

/// Bytes kept of what the process says on its standard error: the last ones.
const TROUBLE: usize = 1024;
/// How often its memory is looked at.
const GLANCE: Duration = Duration::from_millis(25);

/// Reads a file in a process of its own, within the limits of its task. `program` is the `hawser` binary. `input` is opened
/// read-only; where its offset stands does not matter. Dropping the future ends the process.
///
/// The process dies with the thread that calls this, so call it where threads last: from a task of the runtime.
///
/// # Errors
/// When no process can be started; the file is not to blame then.
pub async fn run(program: &Path, task: Task, input: File, hint: &Hint) -> io::Result<Answer> {
    run_within(program, task, input, hint, &Limits::widest(task)).await
}

/// `run` with a wall clock and an output of one's own; memory and processor time are the process's own matter.
///
/// # Errors
/// As `run`.
pub async fn run_within(program: &Path, task: Task, input: File, hint: &Hint, limits: &Limits) -> io::Result<Answer> {
    let mut command = Command::new(program);
    command.args(["extract", task.word(), "--parent", &std::process::id().to_string()]);
    command.env(HINT, serde_json::to_string(&hint.clipped())?);
    listen(command, input, limits).await
}

/// Starts a command that answers as `inside` does.
pub(super) async fn listen(mut command: Command, input: File, limits: &Limits) -> io::Result<Answer> {
    let began = Instant::now();
    let hint =
        command.as_std().get_envs().find(|(name, _)| *name == HINT).and_then(|(_, value)| value.map(ToOwned::to_owned));
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", "/nonexistent").env("LANG", "C.UTF-8");
    if let Some(hint) = hint {
        command.env(HINT, hint);
    }
    command.stdin(Stdio::from(input)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.current_dir("/").process_group(0).kill_on_drop(true).spawn()?;
    let mut group = Group(child);
    let (Some(stdout), Some(stderr)) = (group.0.stdout.take(), group.0.stderr.take()) else {
        return Err(io::Error::other("a process without pipes"));
    };
    let mut peak = 0;
    let listened = {
        let whole = async {
            let (said, trouble) = tokio::join!(said(stdout, limits.output), tail(stderr));
            (said, trouble)
        };
        let pid = group.0.id();
        tokio::select! {
            listened = timeout(limits.wall, whole) => listened.ok(),
            () = watch(pid, &mut peak) => None,
        }
    };
    let Some((said, trouble)) = listened else {
        group.end().await;
        let report = bare(Outcome::Timeout, None, "reading it takes longer than it may");
        return Ok(broken(report, String::new(), peak, began));
    };
    let left = limits.wall.saturating_sub(began.elapsed());
    let status = match (&said, timeout(left, group.0.wait()).await) {
        // It goes on talking, or it has shut its mouth and does not end.
        (Err(Unheard::TooMuch), _) | (_, Err(_)) => None,
        (_, Ok(status)) => Some(status?),
    };
    group.end().await;
    let report = match (status.map(|status| ended::of(status, &trouble)), said) {
        (Some(Ended::Badly(outcome, detail)), _) => bare(outcome, None, detail),
        (Some(Ended::Well), Ok((header, bytes))) => return Ok(answer(header, bytes, trouble, peak, began)),
        (None, Ok(_)) => bare(Outcome::Timeout, None, "reading it takes longer than it may"),
        (_, Err(_)) => bare(Outcome::Crashed, None, "the reader's answer could not be understood"),
    };
    Ok(broken(report, trouble, peak, began))
}

/// A process and all that it started, ended when this is dropped.
struct Group(Child);

impl Group {
    fn kill(&self) {
        // Only while it is not waited for: its number is not somebody else's then.
        let pid = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    async fn end(&mut self) {
        self.kill();
        let _ = self.0.wait().await;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Why what a process said is no answer.
enum Unheard {
    TooMuch,
    Nonsense,
}

/// The header and the bytes that follow it.
async fn said(stdout: ChildStdout, most: u64) -> Result<(Header, Vec<u8>), Unheard> {
    let mut from = BufReader::new(stdout);
    let mut line = Vec::new();
    let read = (&mut from).take(MAX_HEADER).read_until(b'\n', &mut line).await;
    if read.map_err(|_| Unheard::Nonsense)? as u64 == MAX_HEADER && line.last() != Some(&b'\n') {
        return Err(Unheard::TooMuch);
    }
    let header: Header = serde_json::from_slice(&line).map_err(|_| Unheard::Nonsense)?;
    drop(line);
    let follows = header.follows().filter(|follows| *follows <= most).ok_or(Unheard::TooMuch)?;
    let mut bytes = Vec::with_capacity(usize::try_from(follows).map_err(|_| Unheard::TooMuch)?);
    (&mut from).take(follows).read_to_end(&mut bytes).await.map_err(|_| Unheard::Nonsense)?;
    let mut over = [0];
    let beyond = from.read(&mut over).await.map_err(|_| Unheard::Nonsense)?;
    match (bytes.len() as u64 == follows, beyond) {
        (true, 0) => Ok((header, bytes)),
        (true, _) => Err(Unheard::TooMuch),
        (false, _) => Err(Unheard::Nonsense),
    }
}

/// The last words of a stream that is read to its end.
async fn tail(mut from: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(got @ 1..) = from.read(&mut piece).await {
        kept.extend_from_slice(&piece[..got]);
        kept.drain(..kept.len().saturating_sub(TROUBLE));
    }
    String::from_utf8_lossy(&kept).replace(|c: char| c.is_control() && c != '\n', "")
}

/// Never ends by itself: keeps the most memory a process was seen to have.
async fn watch(pid: Option<u32>, peak: &mut u64) {
    let Some(pid) = pid else { return std::future::pending().await };
    let file = format!("/proc/{pid}/status");
    loop {
        sleep(GLANCE).await;
        let seen = std::fs::read_to_string(&file).ok().and_then(|status| field(&status, "VmHWM:"));
        *peak = seen.unwrap_or(0).max(*peak);
    }
}

/// A field of `/proc/PID/status`, in bytes.
pub(super) fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

fn answer(header: Header, bytes: Vec<u8>, trouble: String, peak: u64, began: Instant) -> Answer {
    let peak_memory = header.peak_memory.max(peak);
    let walls = header.walls;
    let parted = part(&header, bytes);
    let Some((text, pictures)) = parted else {
        let report = bare(Outcome::Crashed, None, "the reader's answer could not be understood");
        return broken(report, trouble, peak_memory, began);
    };
    let trouble = Some(trouble).filter(|trouble| !trouble.is_empty());
    Answer { report: header.report, text, pictures, trouble, peak_memory, elapsed: began.elapsed(), walls }
}

/// The text and the pictures, each as long as the header says.
fn part(header: &Header, mut bytes: Vec<u8>) -> Option<(String, Vec<Picture>)> {
    let mut rest = bytes.split_off(usize::try_from(header.text).ok().filter(|text| *text <= bytes.len())?);
    let mut pictures = Vec::new();
    for (info, length) in &header.pictures {
        let length = usize::try_from(*length).ok().filter(|length| *length <= rest.len())?;
        let after = rest.split_off(length);
        pictures.push(Picture { info: info.clone(), bytes: std::mem::replace(&mut rest, after) });
    }
    Some((String::from_utf8(bytes).ok()?, pictures))
}

fn broken(report: Report, trouble: String, peak_memory: u64, began: Instant) -> Answer {
    Answer {
        report,
        text: String::new(),
        pictures: Vec::new(),
        trouble: Some(trouble).filter(|trouble| !trouble.is_empty()),
        peak_memory,
        elapsed: began.elapsed(),
        walls: super::Walls::default(),
    }
}
