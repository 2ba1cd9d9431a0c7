//! The stack that is measured against: mercurius with compiled queries and batched loaders, its rows in memory. It has neither
//! a database to ask nor rights to check, so that it is measured at its best.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A running server; ended when dropped.
pub struct Node {
    pub address: SocketAddr,
    _child: Child,
}

impl Node {
    /// Installs the pinned packages below the build's folder, and starts.
    pub async fn start(documents: usize) -> Result<Self> {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/node");
        let folder = here()?;
        std::fs::create_dir_all(&folder)?;
        for file in ["package.json", "package-lock.json", "server.mjs"] {
            std::fs::copy(from.join(file), folder.join(file)).with_context(|| format!("could not copy {file}"))?;
        }
        let installed = Command::new("npm")
            .args(["ci", "--silent", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .status()
            .await
            .context("npm is needed for --node")?;
        if !installed.success() {
            bail!("npm could not install the packages of tests/bench/node");
        }
        let mut child = Command::new("node")
            .args(["server.mjs", &documents.to_string()])
            .current_dir(&folder)
            .env("NODE_ENV", "production")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("could not start node")?;
        let mut printed = BufReader::new(child.stdout.take().context("node prints")?).lines();
        let line = printed.next_line().await?.context("the server of node said nothing")?;
        let address = line.parse().with_context(|| format!("not an address: {line}"))?;
        Ok(Self { address, _child: child })
    }
}

/// Beside the build's results.
fn here() -> Result<PathBuf> {
    let bench = std::env::current_exe()?;
    let target = bench.ancestors().nth(2).context("the bench lies in a target folder")?;
    Ok(target.join("bench-node"))
}
