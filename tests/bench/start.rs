//! The program itself: how soon it is ready on an empty folder and on a known one, and what it costs while nothing happens.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use hawser_tests::program;

use crate::figure::{Figures, Goal};

const PATIENCE: Duration = Duration::from_secs(30);
const SETTLE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(20);

pub async fn run(figures: &Figures) -> Result<()> {
    let program = program();
    let folder = tempfile::tempdir()?;
    let (first, seconds) = ready(&program, folder.path()).await?;
    figures.put("start.first", seconds, "s", Goal::AtMost(1.0));
    drop(first);
    let (second, seconds) = ready(&program, folder.path()).await?;
    figures.put("start.again", seconds, "s", Goal::AtMost(1.0));
    tokio::time::sleep(SETTLE).await;
    figures.put("start.idle_memory", second.memory()?, "MB", Goal::AtMost(60.0));
    let before = second.ticks()?;
    tokio::time::sleep(IDLE).await;
    let used = (second.ticks()? - before) / TICKS_PER_SECOND;
    figures.put("start.idle_processor", 100.0 * used / IDLE.as_secs_f64(), "% core", Goal::None);
    figures.put("start.idle_memory_later", second.memory()?, "MB", Goal::AtMost(60.0));
    Ok(())
}

/// Linux reports processor time in hundredths of a second, whatever the kernel's own tick is.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running program, killed at the end.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Resident memory.
    fn memory(&self) -> Result<f64> {
        resident(&self.0.id().to_string())
    }

    /// Processor time of all threads.
    fn ticks(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let number = |at: usize| -> Result<f64> { Ok(fields.get(at).context("a short stat")?.parse()?) };
        Ok(number(11)? + number(12)?)
    }
}

/// Resident memory of this process, in MB.
pub fn own_memory() -> Result<f64> {
    resident("self")
}

fn resident(process: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// Starts the program and asks its health door until it says that it is ready.
async fn ready(program: &Path, folder: &Path) -> Result<(Server, f64)> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("http://{address}/health/ready");
    let began = Instant::now();
    let mut server = Command::new(program)
        .arg("serve")
        .current_dir(folder)
        .env("HAWSER_DATA", folder.join("data"))
        .env("HAWSER_BIND", address.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Server)
        .with_context(|| format!("cannot start {}", program.display()))?;
    while began.elapsed() < PATIENCE {
        if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok((server, began.elapsed().as_secs_f64()));
        }
        if let Some(status) = server.0.try_wait()? {
            bail!("hawser ended before it was ready: {status}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bail!("hawser was not ready after {PATIENCE:?}")
}
