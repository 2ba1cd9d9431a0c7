//! `cargo xtask test`: the vendors' own SDKs against the sandbox, GraphQL clients against the server, then every test of
//! the workspace on what is built in, and those of the house once more on servers of our own.
//!
//! What follows the word is handed to `cargo test`; a run narrowed in this way leaves the SDKs, the clients and the
//! servers out, unless they are asked for.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use hawser_xtask::services::Services;

use crate::{
    clients,
    column::{self, Column},
    ide,
    run::{cargo, check, show},
    runtime, sdk,
    suite::{self, Mode},
};

#[derive(clap::Args)]
pub struct Options {
    /// Whether the vendors' SDKs and GraphQL clients must run, run where python3 and node are found, or stay out
    #[arg(long, value_enum)]
    sdk: Option<Mode>,
    /// What the houses under test stand on; usually both, and only what is built in where the run is narrowed
    #[arg(long, value_enum)]
    column: Option<Column>,
    /// Handed to `cargo test` as they are, for example: linking -- --nocapture
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

impl Options {
    fn sdk(&self) -> Mode {
        let narrowed = if self.rest.is_empty() { Mode::Auto } else { Mode::Off };
        self.sdk.unwrap_or(narrowed)
    }

    fn column(&self) -> Column {
        let narrowed = if self.rest.is_empty() { Column::Both } else { Column::Embedded };
        self.column.unwrap_or(narrowed)
    }
}

pub fn run(options: &Options) -> Result<()> {
    ide(options.sdk())?;
    // Some tests start the program itself, and so do the SDKs. Selected like the tests, so that nothing is built twice.
    check(&mut cargo(["build", "--workspace", "--bin", "hawser"]))?;
    let mut suites = suite::run(&sdk::SET, options.sdk())?;
    suites.extend(suite::run(&clients::SET, options.sdk())?);
    let mut columns = Vec::new();
    if options.column() != Column::Cluster {
        columns.push(("embedded", cargo_test(embedded(&options.rest))?));
    }
    if options.column() != Column::Embedded {
        let services = Services::all().context("the cluster's column cannot run")?;
        let mut command = cluster(&options.rest);
        command.envs(services.environment().iter().cloned());
        columns.push(("cluster: PostgreSQL, Redis, Elasticsearch, S3", cargo_test(command)?));
    }

    for suite in &suites {
        eprintln!("{suite}");
    }
    let mut sum = Tally::default();
    for (name, outcome) in &columns {
        eprintln!("{name}: {}", outcome.tally);
        sum.add_all(&outcome.tally);
    }
    eprintln!("cargo test: {sum}");
    if columns.iter().any(|(_, outcome)| !outcome.is_good) {
        bail!("cargo test failed");
    }
    if columns.iter().any(|(_, outcome)| outcome.tally.passed == 0) {
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

/// Every test of the workspace on what is built in.
fn embedded(rest: &[String]) -> Command {
    let mut command = cargo(["test", "--no-fail-fast"]);
    if !rest.iter().any(|word| word == "-p" || word.starts_with("--package")) {
        command.arg("--workspace");
    }
    command.args(rest);
    command
}

/// The tests of the house once more, on servers, with those that need them.
fn cluster(rest: &[String]) -> Command {
    let mut command = cargo(["test", "--no-fail-fast", "--workspace", "--test", "house"]);
    command.args(rest);
    if !rest.iter().any(|word| word == "--") {
        command.arg("--");
    }
    command.arg("--include-ignored");
    let embedded_only = column::EMBEDDED_ONLY.iter().map(|(tests, _)| *tests);
    command.args(embedded_only.chain(column::CHILDREN.iter().copied()).flat_map(|tests| ["--skip", tests]));
    command
}

/// How the tests of a column came out.
struct Outcome {
    tally: Tally,
    is_good: bool,
}

/// Runs the tests, shows what they print, and adds up their closing lines.
fn cargo_test(mut command: Command) -> Result<Outcome> {
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
    Ok(Outcome { tally, is_good: child.wait()?.success() })
}

/// The sum of the lines with which each test binary closes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

impl Tally {
    fn add_all(&mut self, other: &Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }

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
        let options =
            |sdk, rest: &[&str]| Options { sdk, column: None, rest: rest.iter().map(|it| it.to_string()).collect() };
        assert_eq!(options(None, &[]).sdk(), Mode::Auto);
        assert_eq!(options(None, &["linking"]).sdk(), Mode::Off);
        assert_eq!(options(Some(Mode::Required), &["linking"]).sdk(), Mode::Required);
        assert_eq!(options(None, &[]).column(), Column::Both);
        assert_eq!(options(None, &["linking"]).column(), Column::Embedded);
    }

    #[test]
    fn what_is_left_out_on_servers_is_said_after_the_words_for_the_tests() {
        let shown = |rest: &[&str]| show(&cluster(&rest.iter().map(|it| it.to_string()).collect::<Vec<_>>()));
        let (tests, _) = column::EMBEDDED_ONLY[0];
        assert!(
            shown(&[]).starts_with("cargo test --no-fail-fast --workspace --test house -- --include-ignored --skip "),
            "{}",
            shown(&[])
        );
        assert!(
            shown(&["linking", "--", "--nocapture"])
                .contains(&format!(" linking -- --nocapture --include-ignored --skip {tests}"))
        );
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
