//! Suites in other languages: scripts below `tests/` that talk to a running `hawser`, each judged by its exit code and its
//! closing line, `N passed, 0 failed`.
//!
//! Packages are pinned beside the scripts and installed below `target/`; nothing is installed elsewhere, except that
//! `--sdk required` may ask a Debian's own package manager for python3 or node when it runs as root.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use hawser_xtask::services;
use serde_json::Value;

use crate::{
    run::{is_there, program, read, root, target},
    runtime::{Runtime, Tool},
    server::Server,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Fail where a suite cannot run
    Required,
    /// Say by name what could not run
    Auto,
    /// Run none
    Off,
}

/// Suites that share packages and the kind of server they talk to.
pub struct Set {
    /// The folder of the scripts below `tests/`, and of what is installed below `target/`.
    pub name: &'static str,
    pub suites: &'static [Suite],
    /// Whether each suite gets a server of its own.
    pub apart: bool,
    /// Starts the server.
    pub start: fn() -> Result<Server>,
    /// What a script is told of it, from its first line.
    pub environment: fn(&Value) -> Result<Environment>,
}

/// Variables by name.
pub type Environment = Vec<(&'static str, String)>;

pub struct Suite {
    pub script: &'static str,
    pub runtime: &'static Runtime,
}

impl Set {
    pub fn scripts(&self) -> PathBuf {
        root().join("tests").join(self.name)
    }

    /// Where its packages are installed.
    pub fn installed(&self) -> PathBuf {
        target().join(self.name)
    }
}

/// Runs all suites of the set. Returns one line for each, with its own closing words or the reason why it was not run.
pub fn run(set: &Set, mode: Mode) -> Result<Vec<String>> {
    if mode == Mode::Off {
        return Ok(set.suites.iter().map(|suite| not_run(suite, "--sdk off, or a narrowed run")).collect());
    }
    let mut lines = Vec::new();
    let mut tools: Vec<(&Runtime, Result<Tool>)> = Vec::new();
    let mut server = None;
    for suite in set.suites {
        if !set.scripts().join(suite.script).exists() {
            bail!("tests/{}/{} is missing", set.name, suite.script);
        }
        let known = tools.iter().position(|(runtime, _)| std::ptr::eq(*runtime, suite.runtime));
        let at = known.unwrap_or_else(|| {
            tools.push((suite.runtime, ready(set, suite.runtime, mode)));
            tools.len() - 1
        });
        let line = match &tools[at].1 {
            Ok(tool) => format!("{}: {}", suite.script, judge(set, suite, tool, &mut server)?),
            Err(reason) if mode == Mode::Auto => not_run(suite, &format!("{reason:#}")),
            Err(reason) => bail!("{} could not run, and it is required: {reason:#}", suite.script),
        };
        eprintln!("{line}");
        lines.push(line);
    }
    Ok(lines)
}

fn not_run(suite: &Suite, reason: &str) -> String {
    format!("{}: NOT RUN ({reason})", suite.script)
}

/// What runs the scripts, when all that it needs is there.
fn ready(set: &Set, runtime: &Runtime, mode: Mode) -> Result<Tool> {
    if mode == Mode::Required {
        provide(runtime)?;
    }
    if !(runtime.is_there)() {
        bail!("{} was not found", runtime.needs);
    }
    (runtime.prepare)(set).context("its packages could not be installed")
}

/// Asks the machine's package manager for it where it is missing.
pub fn provide(runtime: &Runtime) -> Result<()> {
    if (runtime.is_there)() || runtime.packages.is_empty() {
        return Ok(());
    }
    if !services::is_root() || !is_there("apt-get", &["--version"]) {
        return Ok(());
    }
    services::install(runtime.packages)
}

/// Runs a suite against the server and returns its closing line.
fn judge(set: &Set, suite: &Suite, tool: &Tool, server: &mut Option<Server>) -> Result<String> {
    if set.apart {
        *server = None;
    }
    let server = match server {
        Some(server) => server,
        None => server.insert((set.start)()?),
    };
    let mut command = program(&tool.program);
    command.arg(tool.scripts.join(suite.script)).envs((set.environment)(&server.said)?);
    let printed = read(&mut command)?;
    let last = printed.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    verdict(last)
}

/// The closing line, `N passed, 0 failed` with N above 0: a script that checked nothing is no proof.
fn verdict(line: &str) -> Result<String> {
    let words: Vec<_> = line.split_whitespace().collect();
    match words[..] {
        [passed, "passed,", "0", "failed"] if passed.parse::<u64>().is_ok_and(|count| count > 0) => Ok(line.into()),
        _ => bail!("a suite must close with `N passed, 0 failed`, and closed with `{line}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clients, sdk};

    const NOWHERE: Runtime = Runtime {
        needs: "python3 with venv",
        is_there: || false,
        packages: &[],
        prepare: |_| bail!("must not be reached"),
    };

    #[test]
    fn a_suite_that_failed_or_checked_nothing_is_not_green() {
        assert_eq!(verdict("34 passed, 0 failed").unwrap(), "34 passed, 0 failed");
        for line in ["33 passed, 1 failed", "0 passed, 0 failed", "", "all good"] {
            verdict(line).unwrap_err();
        }
    }

    #[test]
    fn a_missing_runtime_is_said_by_name_or_fails_as_asked() {
        const SUITES: &[Suite] = &[Suite { script: "google_drive.py", runtime: &NOWHERE }];
        let set = Set { suites: SUITES, ..sdk::SET };
        let lines = run(&set, Mode::Auto).unwrap();
        assert_eq!(lines, ["google_drive.py: NOT RUN (python3 with venv was not found)"]);
        let error = run(&set, Mode::Required).unwrap_err().to_string();
        assert!(error.contains("google_drive.py could not run, and it is required"), "{error}");
    }

    #[test]
    fn all_suites_are_named_when_they_are_left_out() {
        for set in [&sdk::SET, &clients::SET] {
            assert_eq!(run(set, Mode::Off).unwrap().len(), set.suites.len());
            for suite in set.suites {
                assert!(set.scripts().join(suite.script).exists(), "{} is missing", suite.script);
            }
        }
    }
}
