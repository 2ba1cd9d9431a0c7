//! `documents import` and `documents list`: the operations that clients call by an id instead of sending their text.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use hawser_api::{Engine, graphql::check};
use hawser_domain::{
    App,
    app::Ambient,
    persisted_operation::{self as operations, Entry, Used, manifest},
};

use crate::{say, setup, telemetry};

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Takes in the operations of manifests: of the codegen client preset, of Apollo, of the Relay compiler.
    Import {
        /// The manifests.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The client they belong to: uses are counted under its name unless it says another one.
        #[arg(long)]
        client: String,
    },
    /// Shows the operations and how often each client called them.
    List,
}

pub async fn run(config: Option<&Path>, task: Task) -> anyhow::Result<()> {
    telemetry::logs("warn");
    let app = setup::open(setup::config(config)?, Ambient::default()).await?;
    match task {
        Task::Import { files, client } => {
            let entries = read(&Engine::new(app.clone()), &files).await?;
            let imported = operations::import(&app, &client, &entries).await?;
            say(&format!("{} operations imported, {} were there already", imported.added, imported.known));
        }
        Task::List => list(&app).await?,
    }
    Ok(())
}

/// The operations of all manifests, each held against the schema; or everything that is wrong with any.
async fn read(engine: &Engine, files: &[PathBuf]) -> anyhow::Result<Vec<Entry>> {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut fault = |what: String| faults.push(format!("{}: {what}", file.display()));
        match manifest::read(&bytes) {
            Ok(found) => {
                for mut entry in found {
                    match check(engine, &entry.text).await {
                        Ok(names) => {
                            entry.name = entry.name.or_else(|| (!names.is_empty()).then(|| names.join(", ")));
                            entries.push(entry);
                        }
                        Err(wrong) => wrong.into_iter().for_each(|it| fault(format!("{}: {it}", entry.key))),
                    }
                }
            }
            Err(wrong) => wrong.into_iter().for_each(fault),
        }
    }
    if !faults.is_empty() {
        bail!("nothing was imported:\n  {}", faults.join("\n  "));
    }
    Ok(entries)
}

async fn list(app: &App) -> anyhow::Result<()> {
    for Used { row, uses } in operations::every(app).await? {
        say(&format!("{}  {}", row.key, row.name.as_deref().unwrap_or("(without a name)")));
        for used in uses {
            let last =
                used.last_used_at.map_or_else(String::new, |at| format!(", last {}", at.format("%Y-%m-%d %H:%M UTC")));
            say(&format!("    {}: {} calls{last}", used.client, used.use_count));
        }
    }
    Ok(())
}
