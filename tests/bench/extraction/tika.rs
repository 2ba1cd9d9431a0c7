//! Apache Tika's application on the same files, one process a file: the well-known measure.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, bail};

use super::corpus::File;

/// What Maven is asked for where no jar is given.
const ARTIFACT: &str = "org.apache.tika:tika-app:3.2.2";
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Tika {
    jar: PathBuf,
    /// Where Maven put it.
    _folder: Option<tempfile::TempDir>,
}

/// The jar that was named, or one that Maven fetches.
///
/// # Errors
/// Why there is none, in words.
pub fn find(jar: Option<&Path>) -> Result<Tika> {
    if !runs("java", &["-version"]) {
        bail!("there is no java");
    }
    if let Some(jar) = jar {
        if !jar.is_file() {
            bail!("{} is no file", jar.display());
        }
        return Ok(Tika { jar: jar.to_owned(), _folder: None });
    }
    let folder = tempfile::tempdir()?;
    let artifact = format!("-Dartifact={ARTIFACT}");
    let into = format!("-DoutputDirectory={}", folder.path().display());
    if !runs("mvn", &["-B", "-q", "dependency:get", &artifact, "-Dtransitive=false"])
        || !runs("mvn", &["-B", "-q", "dependency:copy", &artifact, &into])
    {
        bail!("no --tika was given, and Maven did not bring {ARTIFACT}");
    }
    let jar = std::fs::read_dir(folder.path())?.flatten().map(|entry| entry.path()).next();
    match jar {
        Some(jar) => Ok(Tika { jar, _folder: Some(folder) }),
        None => bail!("Maven brought nothing"),
    }
}

impl Tika {
    /// The text of a file; empty where it fails, as a reader that finds nothing.
    pub async fn text(&self, file: &File) -> Result<String> {
        let mut command = tokio::process::Command::new("java");
        command.arg("-jar").arg(&self.jar).args(["--encoding=UTF-8", "--text"]).arg(&file.path);
        command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let Ok(output) = tokio::time::timeout(PATIENCE, command.output()).await else { return Ok(String::new()) };
        Ok(String::from_utf8_lossy(&output?.stdout).into_owned())
    }
}

fn runs(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
