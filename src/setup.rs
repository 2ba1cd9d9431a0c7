//! What every long-running subcommand begins with: tables, the house, the first administrator.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use hawser_domain::{App, app::Ambient, config::Config, database::Database, user};
use hawser_migration::{Migrator, MigratorTrait};
use secrecy::{ExposeSecret, SecretString};

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
    let app = App::open(config, ambient).await?;
    app.readiness.expect(Migrator::migrations().iter().map(|step| step.name().to_owned()).collect());
    Ok(app)
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
