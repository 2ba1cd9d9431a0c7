//! `migrate`: brings the tables up to date, or takes steps back.

use std::path::Path;

use clap::Args;
use hawser_migration::{Migrator, MigratorTrait};

use crate::{setup, telemetry};

#[derive(Debug, Args)]
pub struct Options {
    /// Takes so many steps back instead of all forward. Data of the steps undone is lost.
    #[arg(long, value_name = "STEPS")]
    down: Option<u32>,
}

pub async fn run(config: Option<&Path>, options: &Options) -> anyhow::Result<()> {
    telemetry::logs(telemetry::USUAL_LOGS);
    let config = setup::config(config)?;
    let database = setup::tables(&config).await?;
    match options.down {
        Some(steps) => Migrator::down(database.maintenance(), Some(steps)).await?,
        None => Migrator::up(database.maintenance(), None).await?,
    }
    Ok(database.close().await?)
}
