//! `cargo xtask test`: the vendors' own SDKs against the sandbox, GraphQL clients against the server, then every test of
//! the workspace.
//!
//! What follows the word is handed to `cargo test`; a run narrowed in this way leaves the SDKs and the clients out.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use anyhow::{Context, Result, bail};

use crate::{
    clients, ide,
    run::{cargo, check, show},
    runtime, sdk,
    suite::{self, Mode},
};

#[derive(clap::Args)]
pub struct Options {
    /// Whether the vendors' SDKs and GraphQL clients must run, run where python3 and node are found, or stay out
    #[arg(long, value_enum)]
    sdk: Option<Mode>,
    /// Handed to `cargo test` as they are, for example: linking -- --nocapture
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

impl Options {
    fn sdk(&self) -> Mode {
        let narrowed = if self.rest.is_empty() { Mode::Auto } else { Mode::Off };
        self.sdk.unwrap_or(narrowed)
    }
}

pub fn run(options: &Options) -> Result<()> {
    ide(options.sdk())?;
    // Some tests start the program itself, and so do the SDKs. Selected like the tests, so that nothing is built twice.
    check(&mut cargo(["build", "--workspace", "--bin", "hawser"]))?;
    let mut suites = suite::run(&sdk::SET, options.sdk())?;
    suites.extend(suite::run(&clients::SET, options.sdk())?);
    let tally = cargo_test(&options.rest)?;

    for suite in &suites {
        eprintln!("{suite}");
    }
    eprintln!("cargo test: {} passed, {} failed, {} ignored", tally.passed, tally.failed, tally.ignored);
    if tally.passed + tally.failed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

/// The IDE is embedded where it can be fetched; where the SDKs are required, it is too.
fn ide(mode: Mode) -> Result<()> {
    if mode == Mode::Required {
        suite::provide(&runtime::NODE)?;
    }
    match (mode, ide::run()) {
        (Mode::Required, outcome) => outcome,
        (_, Err(error)) => {
            eprintln!("the IDE is not in this build: {error:#}");
            Ok(())
        }
        (_, Ok(())) => Ok(()),
    }
}

/// Runs the tests, shows what they print, and adds up their closing lines.
fn cargo_test(rest: &[String]) -> Result<Tally> {
    let mut command = cargo(["test", "--no-fail-fast"]);
    if !rest.iter().any(|word| word == "-p" || word.starts_with("--package")) {
        command.arg("--workspace");
    }
    command.args(rest);
    eprintln!("$ {}", show(&command));

    let mut child = command.stdout(Stdio::piped()).spawn().context("could not start cargo test")?;
    let mut tally = Tally::default();
    if let Some(printed) = child.stdout.take() {
        let mut ours = std::io::stdout().lock();
        for line in BufReader::new(printed).split(b'\n') {
            let line = line?;
            ours.write_all(&line)?;
            ours.write_all(b"\n")?;
            tally.add(&String::from_utf8_lossy(&line));
        }
    }
    if !child.wait()?.success() {
        bail!("cargo test: {} passed, {} failed", tally.passed, tally.failed);
    }
    Ok(tally)
}

/// The sum of the lines with which each test binary closes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in counts.split(['.', ';']) {
            match part.trim().split_once(' ') {
                Some((count, "passed")) => self.passed += count.parse().unwrap_or(0),
                Some((count, "failed")) => self.failed += count.parse().unwrap_or(0),
                Some((count, "ignored")) => self.ignored += count.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_added_up_and_other_lines_are_not() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s");
        tally.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.02s");
        tally.add("test document::says_5 passed ... ok");
        assert_eq!(tally, Tally { passed: 15, failed: 2, ignored: 1 });
    }

    #[test]
    fn a_narrowed_run_leaves_the_sdks_out_unless_they_are_asked_for() {
        let options = |sdk, rest: &[&str]| Options { sdk, rest: rest.iter().map(|it| it.to_string()).collect() };
        assert_eq!(options(None, &[]).sdk(), Mode::Auto);
        assert_eq!(options(None, &["linking"]).sdk(), Mode::Off);
        assert_eq!(options(Some(Mode::Required), &["linking"]).sdk(), Mode::Required);
    }

    #[test]
    fn words_after_the_first_go_to_cargo_as_they_are() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            options: Options,
        }
        let read = |line: &str| {
            let line: Line = clap::Parser::try_parse_from(line.split(' ')).unwrap();
            (line.options.sdk, line.options.rest.join(" "))
        };
        assert_eq!(read("test linking -- --nocapture").1, "linking -- --nocapture");
        assert_eq!(read("test -p hawser-domain a").1, "-p hawser-domain a");
        assert_eq!(read("test --sdk required -p b"), (Some(Mode::Required), "-p b".into()));
    }
}
