//! A house that is founded once per process, and copied for each test: the migrated database with its administrator,
//! and the keys that open it.

use std::{
    path::{Path, PathBuf},
    process,
};

use hawser_domain::{App, app::Ambient, clock::Clock, config::Config, randomness::Randomness, user};
use hawser_migration::{Migrator, MigratorTrait};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::column::Column;

pub(crate) const DATABASE: &str = "hawser.db";
const FILES: [&str; 2] = [DATABASE, "keys"];

/// The administrator's, in every house under test.
pub(crate) const ADMIN_PASSWORD: &str = "the harbour master knows";

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

struct Template {
    folder: PathBuf,
    /// Removes the folder at the end of the process, as far as the process lets it.
    _keep: TempDir,
}

/// Lays a founded house into a new folder, and where databases are a server's, into a new one of this name.
pub(crate) async fn copy(to: &Path, name: &str) {
    let template = TEMPLATE.get_or_init(found).await;
    for file in FILES.iter().filter(|file| template.folder.join(file).exists()) {
        std::fs::copy(template.folder.join(file), to.join(file)).expect("the template is copied");
    }
    Column::here().make_database(name, Some(&template_name())).await;
}

fn template_name() -> String {
    format!("hawser_template_{}", process::id())
}

async fn found() -> Template {
    let keep = tempfile::tempdir().expect("a temporary folder");
    let folder = keep.path().to_owned();
    let mut config = Config::for_folder(folder.clone()).expect("a good configuration");
    let column = Column::here();
    column.drop_database(&template_name()).await;
    column.make_database(&template_name(), None).await;
    config.database_url = column.database_url(&template_name());
    config.admin_password = Some(SecretString::from(ADMIN_PASSWORD));
    migrate(&config.database_url()).await;
    let ambient = Ambient { clock: Clock::default(), randomness: Randomness::from_seed(0) };
    let app = App::open(config, ambient).await.expect("a new house opens");
    let made_up = user::ensure_first_admin(&app).await.expect("the first administrator");
    assert!(made_up.is_none_or(|it| it.expose_secret().is_empty()), "the configured password is taken");
    // Closing the last connection moves everything from the write-ahead log into the file.
    app.database.read().clone().close().await.expect("the readers close");
    app.database.maintenance().clone().close().await.expect("the writer closes");
    Template { folder, _keep: keep }
}

/// Brings a database, new or old, to the newest step.
pub(crate) async fn migrate(url: &str) {
    let mode = if url.starts_with("sqlite:") { "?mode=rwc" } else { "" };
    let db = sea_orm::Database::connect(format!("{url}{mode}")).await.expect("the database is made");
    Migrator::up(&db, None).await.expect("the migrations go up");
    db.close().await.expect("the database closes");
}
