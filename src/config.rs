//! `config`: the manual of all settings, and whether those at hand are good.

use std::path::Path;

use clap::{Args, Subcommand};
use hawser_domain::config::{Config, MANUAL};

use crate::{say, setup};

#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Prints every setting with its default and what it is for; the text is a file of settings itself.
    Show,
    /// Reads file and environment as a server would, and names all faults at once. Nothing is made or reached.
    Check,
}

pub fn run(file: Option<&Path>, options: &Options) -> anyhow::Result<()> {
    match options.task {
        None | Some(Task::Show) => say(MANUAL.trim_end()),
        Some(Task::Check) => say(&parts(&setup::config(file)?)),
    }
    Ok(())
}

/// Which parts of the house the settings choose, without the addresses, which may hold passwords.
fn parts(config: &Config) -> String {
    let postgres = config.database_url().starts_with("postgres");
    let chosen = |own: bool, own_word: &'static str, other: &'static str| if own { own_word } else { other };
    [
        "the settings are good".to_owned(),
        format!("database   {}", chosen(postgres, "PostgreSQL", "SQLite")),
        format!("shared     {}", chosen(config.redis_url.is_some(), "Redis", "nothing: one process")),
        format!(
            "search     {}",
            chosen(config.elasticsearch_url.is_some(), "Elasticsearch", "an index in the data folder")
        ),
        format!("blobs      {}", chosen(config.blob_url.is_some(), "a bucket", "the data folder")),
        format!("keys       {}", chosen(config.keys.is_some(), "configured", "a file in the data folder")),
    ]
    .join("\n")
}
