//! A server of our own: started with what it says written to a file, ended by its own id, and gone with whoever started it.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::run::is_there;

/// How long a server may take to answer, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it may take to end when it is asked to.
const ENDING: Duration = Duration::from_secs(15);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(30);

/// What a server is called, and the signal on which it ends without waiting for its clients.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub ends_on: &'static str,
}

/// A running server; it is ended when this is dropped.
pub struct Running {
    kind: Kind,
    child: Child,
    log: std::path::PathBuf,
}

impl Running {
    /// Starts it with what it says in `log`, and waits until `answers`.
    pub fn start(kind: Kind, command: &mut Command, log: &Path, answers: impl Fn() -> bool) -> Result<Running> {
        let said = File::create(log).with_context(|| format!("could not write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
        let name = kind.name;
        let child = command.spawn().with_context(|| format!("could not start {name}"))?;
        let mut running = Running { kind, child, log: log.to_owned() };
        let begun = Instant::now();
        while !answers() {
            if let Some(status) = running.child.try_wait()? {
                bail!("{name} ended before it answered ({status}): {}", running.said());
            }
            if begun.elapsed() > PATIENCE {
                bail!("{name} did not answer within {PATIENCE:?}: {}", running.said());
            }
            std::thread::sleep(LOOK);
        }
        Ok(running)
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it on the spot, as a loss of power would.
    pub fn kill(mut self) -> Result<ExitStatus> {
        self.child.kill()?;
        Ok(self.child.wait()?)
    }

    /// The end of what it said.
    fn said(&self) -> String {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = said.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        let asked = Command::new("kill").args(["-s", self.kind.ends_on, &self.child.id().to_string()]).status();
        let begun = Instant::now();
        while asked.is_ok() && begun.elapsed() < ENDING {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(LOOK),
                _ => return,
            }
        }
        eprintln!("{} does not end when it is asked to, and is killed", self.kind.name);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that ends with whoever starts it, however that comes to an end, and runs as `user` where one is named. It must
/// be started by a thread that stays.
pub fn bound(kind: Kind, user: Option<&str>, program: &Path) -> Command {
    if !is_there("setpriv", &["--version"]) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", &format!("SIG{}", kind.ends_on)]);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--init-groups"]);
    }
    command.arg("--").arg(program);
    command
}

/// A port that nobody listened on a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
