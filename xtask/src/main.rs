//! `cargo xtask <word>`: everything a contributor or the CI asks of this workspace.
//!
//! One file per command. A command prints what it runs, and ends with the exit code of the first thing that failed.

mod bench;
mod chaos;
mod clients;
mod clock;
mod column;
mod deny;
mod ide;
mod lint;
mod migrations;
mod runtime;
mod schema;
mod sdk;
mod serve;
mod server;
mod suite;
mod test;
mod walls;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hawser_xtask::run;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a contributor asks of this workspace")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every test: units, the whole house, the vendors' SDKs against the sandbox, and GraphQL clients against the server
    Test(test::Options),
    /// cargo fmt --check, then clippy with warnings denied
    Lint,
    /// Check the walls between the crates and the manners of the sources
    Walls,
    /// Write schema.graphql, or with --check prove that it is fresh
    Schema(schema::Options),
    /// Take the migrations up, down and up again
    Migrations,
    /// Start a PostgreSQL, a Redis and an Elasticsearch of our own, for a command or until told to stop
    Services(serve::Options),
    /// Run the benchmarks in release; what follows is handed to them
    Bench(bench::Options),
    /// Kill workers, servers and Redis at random while jobs run, and count what comes of it
    Chaos(chaos::Options),
    /// Fetch the assets of the IDE, for the next build to embed
    Ide,
    /// Check licences, bans and sources of all dependencies
    Deny,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test(options) => test::run(&options),
        Command::Lint => lint::run(),
        Command::Walls => walls::run(),
        Command::Schema(options) => schema::run(&options),
        Command::Migrations => migrations::run(),
        Command::Services(options) => serve::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Chaos(options) => chaos::run(&options),
        Command::Ide => ide::run(),
        Command::Deny => deny::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // In words only: where in xtask it was noticed helps nobody.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
