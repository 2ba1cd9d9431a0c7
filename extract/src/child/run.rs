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

/// The same for a process that needs no hint.
pub(super) async fn run_plainly(program: &Path, word: &str, input: File) -> io::Result<Answer> {
    let mut command = Command::new(program);
    command.args(["extract", word, "--parent", &std::process::id().to_string()]);
    listen(command, input, &Limits::widest(Task::Text)).await
}

/// Starts a command that answers as `inside` does.
async fn listen(command: Command, input: File, limits: &Limits) -> io::Result<Answer> {
    let began = Instant::now();
    let heard = hear(command, input, limits, |stdout| said(stdout, limits.output)).await?;
    Ok(match heard.said {
        Ok((header, bytes)) => answer(header, bytes, heard.trouble, heard.peak, began),
        Err((outcome, detail)) => broken(bare(outcome, None, detail), heard.trouble, heard.peak, began),
    })
}

/// What was heard of a process that has ended.
pub(super) struct Heard<T> {
    /// What it said, when it also ended well; otherwise how it ended.
    pub said: Result<T, (Outcome, &'static str)>,
    pub trouble: String,
    pub peak: u64,
}

/// Starts a command with an empty environment and listens to it, until it or its time has ended.
pub(super) async fn hear<T, F: Future<Output = Result<T, Unheard>>>(
    mut command: Command,
    input: File,
    limits: &Limits,
    listen: impl FnOnce(ChildStdout) -> F,
) -> io::Result<Heard<T>> {
    let began = Instant::now();
    let hint = command.as_std().get_envs().find(|(name, _)| *name == HINT);
    let hint = hint.and_then(|(_, value)| value.map(ToOwned::to_owned));
    command.env_clear().envs(ENVIRONMENT).envs(hint.map(|hint| (HINT, hint)));
    command.stdin(Stdio::from(input)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.current_dir("/").process_group(0).kill_on_drop(true).spawn()?;
    let mut group = Group(child);
    let (Some(stdout), Some(stderr)) = (group.0.stdout.take(), group.0.stderr.take()) else {
        return Err(io::Error::other("a process without pipes"));
    };
    let (mut peak, pid) = (0, group.0.id());
    let heard = {
        let whole = async {
            let heard = async {
                let said = listen(stdout).await;
                // What says too much is not waited for.
                if let Err(Unheard::TooMuch) = said {
                    signal(pid);
                }
                said
            };
            tokio::join!(heard, tail(stderr))
        };
        tokio::select! {
            heard = timeout(limits.wall, whole) => heard.ok(),
            () = watch(pid, &mut peak) => None,
        }
    };
    const TOO_LONG: (Outcome, &str) = (Outcome::Timeout, "reading it takes longer than it may");
    const UNCLEAR: (Outcome, &str) = (Outcome::Crashed, "the reader's answer could not be understood");
    let Some((said, trouble)) = heard else {
        group.end().await;
        return Ok(Heard { said: Err(TOO_LONG), trouble: String::new(), peak });
    };
    let left = limits.wall.saturating_sub(began.elapsed());
    // It may have shut its mouth and yet not end.
    let status = timeout(left, group.0.wait()).await.ok().transpose()?;
    group.end().await;
    let said = match (status.map(|status| ended::of(status, &trouble)), said) {
        (_, Err(Unheard::TooMuch)) => Err(UNCLEAR),
        (None, _) => Err(TOO_LONG),
        (Some(Ended::Badly(outcome, detail)), _) => Err((outcome, detail)),
        (Some(Ended::Well), said) => said.map_err(|_| UNCLEAR),
    };
    Ok(Heard { said, trouble, peak })
}

/// All that a process finds in its environment, beside its hint. The libraries of optional programs are to use one thread.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("HOME", "/nonexistent"),
    ("LANG", "C.UTF-8"),
    ("VIPS_CONCURRENCY", "1"),
    ("OMP_THREAD_LIMIT", "1"),
];

/// A process and all that it started, ended when this is dropped.
struct Group(Child);

impl Group {
    fn kill(&self) {
        // Only while it is not waited for: its number is not somebody else's then.
        signal(self.0.id());
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

/// Ends a group of processes.
fn signal(group: Option<u32>) {
    if let Some(pid) = group.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Why what a process said is no answer.
pub(super) enum Unheard {
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

/// All bytes of a process that has no header.
pub(super) async fn raw(stdout: ChildStdout, most: u64) -> Result<Vec<u8>, Unheard> {
    let mut bytes = Vec::new();
    stdout.take(most + 1).read_to_end(&mut bytes).await.map_err(|_| Unheard::Nonsense)?;
    if bytes.len() as u64 > most { Err(Unheard::TooMuch) } else { Ok(bytes) }
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
    Answer {
        report: header.report,
        text,
        pictures,
        trouble,
        peak_memory,
        elapsed: began.elapsed(),
        walls,
        wants: header.wants,
    }
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
        wants: None,
    }
}
