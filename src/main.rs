//! The `hawser` binary: one program, one file per subcommand.

// The layout of an operation's future is deeper than the compiler looks by itself when it optimises.
#![recursion_limit = "256"]

mod arenas;
mod config;
mod demo;
mod documents;
mod extract;
mod fsck;
mod health;
mod keys;
mod migrate;
mod sandbox;
mod schema;
mod search;
mod serve;
mod setup;
mod telemetry;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Moors cloud files to a repository.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// A TOML file of settings; `hawser.toml` where it exists. `HAWSER_*` variables go before it.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything on this machine: a sandbox cloud with files, the server and the workers, and addresses to try.
    Demo(demo::Options),
    /// The GraphQL server and the workers in one process.
    Serve,
    /// The GraphQL server alone.
    Api,
    /// The workers alone.
    Worker,
    /// Brings the database to this version's tables, or steps back.
    Migrate(migrate::Options),
    /// The search index: how it is, and building it anew.
    #[command(subcommand)]
    Search(search::Task),
    /// The operations that clients call by an id: taking them in, and who uses them.
    #[command(subcommand)]
    Documents(documents::Task),
    /// Prints the GraphQL schema.
    Schema,
    /// The local cloud alone, speaking the vendors' wire protocols.
    Sandbox(sandbox::Options),
    /// Reads one file in this process, under limits, and shows what comes of it.
    Extract(extract::Options),
    /// Every setting with its default and what it is for, and whether those at hand are good.
    Config(config::Options),
    /// Asks a running server whether it is ready; fails when it is not. For supervisors that have no other client.
    Health(health::Options),
    /// The keys that seal secrets: making them, what they are needed for, changing them.
    #[command(subcommand)]
    Keys(keys::Task),
    /// Whether what is stored agrees with itself.
    Fsck(fsck::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::Serve | Command::Api | Command::Worker) {
        arenas::few();
    }
    let done = match arguments.command {
        // It restrains the whole process, which must not have started a thread yet.
        Command::Extract(options) => extract::run(options),
        _ => run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hawser: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = arguments.config.as_deref();
    match arguments.command {
        Command::Demo(options) => demo::run(options).await,
        Command::Serve => serve::run(config, serve::Part::Both).await,
        Command::Api => serve::run(config, serve::Part::Api).await,
        Command::Worker => serve::run(config, serve::Part::Worker).await,
        Command::Migrate(options) => migrate::run(config, &options).await,
        Command::Search(task) => search::run(config, task).await,
        Command::Documents(task) => documents::run(config, task).await,
        Command::Schema => schema::run(),
        Command::Sandbox(options) => sandbox::run(options).await,
        Command::Config(options) => config::run(config, &options),
        Command::Health(options) => health::run(config, options).await,
        Command::Keys(task) => keys::run(config, task).await,
        Command::Fsck(options) => fsck::run(config, options).await,
        Command::Extract(options) => extract::run(options),
    }
}

/// What a command was asked for goes to stdout; everything else to the log.
#[allow(clippy::print_stdout, reason = "the one place that prints")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}
