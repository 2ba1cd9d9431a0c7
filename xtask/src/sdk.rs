//! The vendors' own SDKs against the sandbox: one script per SDK in `tests/sdk/`, judged by its exit code and last line.
//!
//! Packages are pinned in `tests/sdk/` and installed below `target/sdk/`; nothing is installed elsewhere, except that
//! `--sdk required` may ask a Debian's own package manager for python3 or node when it runs as root.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::run::{check, is_there, program, read, root, target};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Fail where a suite cannot run
    Required,
    /// Say by name what could not run
    Auto,
    /// Run none
    Off,
}

struct Suite {
    script: &'static str,
    /// What must be found, in words.
    needs: &'static str,
    is_there: fn() -> bool,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
    /// Installs the pinned packages and returns the command that runs the script.
    prepare: fn(&str) -> Result<Command>,
}

const SUITES: &[Suite] = &[
    Suite {
        script: "google_drive.py",
        needs: "python3 with venv",
        is_there: || is_there("python3", &["-c", "import venv, ensurepip"]),
        packages: &["python3", "python3-venv"],
        prepare: python,
    },
    Suite {
        script: "google_drive.mjs",
        needs: "node (18 or newer) with npm",
        is_there: || {
            is_there("node", &["-e", "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"])
                && is_there("npm", &["--version"])
        },
        packages: &["nodejs", "npm"],
        prepare: node,
    },
];

/// Runs all suites. Returns one line for each, with its own closing words or the reason why it was not run.
pub fn run(mode: Mode) -> Result<Vec<String>> {
    if mode == Mode::Off {
        return Ok(SUITES.iter().map(|suite| not_run(suite, "--sdk off, or a narrowed run")).collect());
    }
    let mut lines = Vec::new();
    for suite in SUITES {
        if !scripts().join(suite.script).exists() {
            bail!("tests/sdk/{} is missing", suite.script);
        }
        let line = match ready(suite, mode) {
            Ok(command) => format!("{}: {}", suite.script, judge(command)?),
            Err(reason) if mode == Mode::Auto => not_run(suite, &format!("{reason:#}")),
            Err(reason) => {
                return Err(reason.context(format!("{} could not run, and it is required", suite.script)));
            }
        };
        eprintln!("{line}");
        lines.push(line);
    }
    Ok(lines)
}

fn not_run(suite: &Suite, reason: &str) -> String {
    format!("{}: NOT RUN ({reason})", suite.script)
}

/// The command that runs the suite, when all that it needs is there.
fn ready(suite: &Suite, mode: Mode) -> Result<Command> {
    if !(suite.is_there)() && mode == Mode::Required {
        install(suite)?;
    }
    if !(suite.is_there)() {
        bail!("{} was not found", suite.needs);
    }
    (suite.prepare)(suite.script).context("its packages could not be installed")
}

fn install(suite: &Suite) -> Result<()> {
    let is_root = is_there("sh", &["-c", "test $(id -u) = 0"]);
    if !is_root || !is_there("apt-get", &["--version"]) {
        return Ok(());
    }
    check(program("apt-get").args(["update", "--quiet"]))?;
    let mut command = program("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    check(command.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(suite.packages))
}

fn python(script: &str) -> Result<Command> {
    let folder = target().join("sdk/python");
    let python = folder.join("bin/python");
    if !python.exists() {
        check(program("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let mut pip = program(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    check(pip.arg(scripts().join("requirements.txt")))?;
    let mut command = program(&python);
    command.arg(scripts().join(script));
    Ok(command)
}

fn node(script: &str) -> Result<Command> {
    let folder = target().join("sdk/node");
    fs::create_dir_all(&folder)?;
    // Node looks for packages beside the script and above it, so the script goes to where they are.
    for file in ["package.json", "package-lock.json", script] {
        let from = scripts().join(file);
        fs::copy(&from, folder.join(file)).with_context(|| format!("could not copy {}", from.display()))?;
    }
    check(program("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    let mut command = program("node");
    command.arg(folder.join(script));
    Ok(command)
}

fn scripts() -> PathBuf {
    root().join("tests/sdk")
}

/// Runs a suite against a sandbox of its own and returns its closing line.
fn judge(mut command: Command) -> Result<String> {
    let sandbox = Sandbox::start()?;
    let printed = read(command.env("SANDBOX_URL", &sandbox.url))?;
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

/// A sandbox cloud in a process of its own, ended when dropped.
struct Sandbox {
    child: Child,
    /// Held open: a program whose output nobody takes may end itself.
    _printed: Option<BufReader<ChildStdout>>,
    url: String,
}

impl Sandbox {
    /// Starts `hawser sandbox` on a free port; its first line is JSON with the `url`.
    fn start() -> Result<Sandbox> {
        let mut command = program(target().join("debug/hawser"));
        command.args(["sandbox", "--port", "0", "--json"]);
        let mut child = command.stdout(Stdio::piped()).spawn().context("could not start hawser sandbox")?;
        let printed = child.stdout.take().map(BufReader::new);
        let mut sandbox = Sandbox { child, _printed: printed, url: String::new() };
        let mut line = String::new();
        if let Some(printed) = &mut sandbox._printed {
            printed.read_line(&mut line)?;
        }
        let ready: serde_json::Value = serde_json::from_str(&line)
            .with_context(|| format!("hawser sandbox --json must begin with a line of JSON, and said `{line}`"))?;
        sandbox.url = ready["url"].as_str().context("hawser sandbox named no `url`")?.to_owned();
        Ok(sandbox)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing left to end then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_failed_or_checked_nothing_is_not_green() {
        assert_eq!(verdict("34 passed, 0 failed").unwrap(), "34 passed, 0 failed");
        for line in ["33 passed, 1 failed", "0 passed, 0 failed", "", "all good"] {
            verdict(line).unwrap_err();
        }
    }

    #[test]
    fn a_missing_runtime_is_said_by_name_or_fails_as_asked() {
        let suite = Suite {
            script: "google_drive.py",
            needs: "python3 with venv",
            is_there: || false,
            packages: &[],
            prepare: |_| bail!("must not be reached"),
        };
        let reason = ready(&suite, Mode::Auto).unwrap_err();
        assert_eq!(
            not_run(&suite, &format!("{reason:#}")),
            "google_drive.py: NOT RUN (python3 with venv was not found)"
        );
    }

    #[test]
    fn all_suites_are_named_when_they_are_left_out() {
        assert_eq!(run(Mode::Off).unwrap().len(), SUITES.len());
    }
}
