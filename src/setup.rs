//! What every long-running subcommand begins with: logs, tables, the house, the first administrator.

use std::{io::IsTerminal, path::Path, sync::Arc};

use anyhow::Context;
use clap::Args;
use hawser_domain::{App, app::Ambient, config::Config, database::Database, randomness::Randomness, user};
use hawser_migration::{Migrator, MigratorTrait};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Args)]
pub struct KeysOptions {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, clap::Subcommand)]
enum KeysCommand {
    /// Prints a new key as `id:base64`, to be put in front of those in use.
    New {
        #[arg(default_value = "k1")]
        id: String,
    },
}

pub fn keys(options: &KeysOptions) -> anyhow::Result<()> {
    let KeysCommand::New { id } = &options.command;
    crate::say(&hawser_domain::secret::Keyring::new_key(id, &Randomness::from_system())?);
    Ok(())
}

/// What a server logs when nothing else is asked for: its own words, and of its libraries only what is wrong.
pub const USUAL_LOGS: &str =
    "warn,hawser=info,hawser_api=info,hawser_domain=info,hawser_providers=info,hawser_workers=info";

/// Logs go to stderr, so that stdout stays for what a command is asked for.
pub fn logs(default: &str) {
    let filter = EnvFilter::try_from_env("HAWSER_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let colours = std::io::stderr().is_terminal();
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).try_init();
}

/// Opens the database alone to change its tables, in a data folder that is made when there is none.
pub async fn tables(config: &Config) -> anyhow::Result<Database> {
    config.make_folder()?;
    let url = config.database_url();
    // The URL of a database server may hold a password.
    let place = if url.starts_with("sqlite:") { url.as_str() } else { "at database_url" };
    Database::open_for_tables(&url).await.with_context(|| format!("cannot open the database {place}"))
}

/// Brings the tables up to date and opens the house.
pub async fn open(config: Config, ambient: Ambient) -> anyhow::Result<Arc<App>> {
    let database = tables(&config).await?;
    Migrator::up(database.maintenance(), None).await.context("the tables cannot be brought up to date")?;
    database.close().await?;
    Ok(App::open(config, ambient).await?)
}

/// Makes the first administrator of an empty house. The password, where it had to be invented, is returned once.
pub async fn first_admin(app: &App) -> anyhow::Result<Option<SecretString>> {
    Ok(user::ensure_first_admin(app).await?)
}

/// Settings from file and environment.
pub fn config(file: Option<&Path>) -> anyhow::Result<Config> {
    Ok(Config::load(file)?)
}

/// Tells the operator the invented password, once.
pub fn tell_password(app: &App, password: Option<&SecretString>) {
    if let Some(password) = password {
        eprintln!(
            "The first administrator was created: {} with the password {}\nIt is shown only this once; change it after signing in.",
            app.config.admin_email,
            password.expose_secret()
        );
    }
}
