//! `fsck`: whether what is stored agrees with itself. One line for each finding; it fails when there is one left.

use std::path::Path;

use anyhow::bail;
use clap::Args;
use hawser_domain::{app::Ambient, fsck};
use serde_json::json;

use crate::{say, setup, telemetry};

#[derive(Debug, Args)]
pub struct Options {
    /// Puts right what can be made anew out of the rest. Better while no server runs.
    #[arg(long)]
    repair: bool,
    /// Reads all bytes in the store and compares them with their names.
    #[arg(long)]
    deep: bool,
    /// Prints one line of JSON for each finding.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: Option<&Path>, options: Options) -> anyhow::Result<()> {
    telemetry::logs("warn");
    let app = setup::open(setup::config(config)?, Ambient::default()).await?;
    let found = fsck::run(&app, fsck::Options { repair: options.repair, deep: options.deep }).await?;
    for finding in &found {
        match options.json {
            true => say(&json!(finding).to_string()),
            false => say(&finding.to_string()),
        }
    }
    let left = found.iter().filter(|finding| !finding.repaired).count();
    if left > 0 {
        bail!("{left} findings are left");
    }
    if !options.json {
        say(if found.is_empty() { "nothing to find: all agrees" } else { "all of it is repaired" });
    }
    Ok(())
}
