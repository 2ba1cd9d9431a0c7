//! Processes of a house: what the program, or this test binary started again, needs to know to work on the same servers
//! and the same data as the house under test.

use std::{path::Path, process::Command};

use hawser_domain::config::Config;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::{Column, House, column::apart, house::next_name, program};

/// What a child keeps of our own environment.
const KEPT: [&str; 3] = ["PATH", "TMPDIR", "HOME"];

/// Settings by name.
type Environment = Vec<(&'static str, String)>;

impl House {
    /// The settings of this house, for a process of its own.
    pub fn environment(&self) -> Environment {
        of(&self.app.config)
    }

    /// The program, about to run with these words on this house's data, beside the house itself.
    pub fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(words).current_dir(self.folder()).env_clear().envs(self.environment());
        command
    }

    /// This test binary once more, about to run the ignored test of that name as a process of this house. There, `inherited`
    /// gives the settings.
    pub fn again(&self, test: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("the test has a path"));
        command.args([test, "--exact", "--ignored", "--nocapture"]).current_dir(self.folder()).env_clear();
        command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)))).envs(self.environment());
        command
    }
}

/// The settings of the house that started this process; `None` where nobody did.
pub fn inherited() -> Option<Config> {
    std::env::var_os("HAWSER_DATA")?;
    Some(Config::load(None).expect("a good configuration"))
}

fn of(config: &Config) -> Environment {
    let mut environment = vec![
        ("HAWSER_DATA", config.data.display().to_string()),
        ("HAWSER_LEASE_SECONDS", config.lease_seconds.to_string()),
        ("HAWSER_EXTRACT", config.extract.to_string()),
        ("HAWSER_ALLOW_LOOPBACK_CLOUDS", config.allow_loopback_clouds.to_string()),
        ("HAWSER_DATABASE_CONNECTIONS", config.database_connections.to_string()),
        ("HAWSER_REDIS_PREFIX", config.redis_prefix.clone()),
        ("HAWSER_ELASTICSEARCH_PREFIX", config.elasticsearch_prefix.clone()),
    ];
    let exposed = |secret: &Option<secrecy::SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
    let optional = [
        ("HAWSER_DATABASE_URL", config.database_url.clone()),
        ("HAWSER_REDIS_URL", exposed(&config.redis_url)),
        ("HAWSER_ELASTICSEARCH_URL", exposed(&config.elasticsearch_url)),
        ("HAWSER_BLOB_URL", config.blob_url.clone()),
        ("HAWSER_BLOB_ACCESS_KEY", exposed(&config.blob_access_key)),
        ("HAWSER_BLOB_SECRET_KEY", exposed(&config.blob_secret_key)),
        ("HAWSER_EXTRACTOR", config.extractor.as_ref().map(|program| program.display().to_string())),
    ];
    environment.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    environment
}

/// Where a program founds a house of its own: an empty folder, and on servers an empty database and prefixes. All of it is
/// taken away when this is dropped.
pub struct Ground {
    folder: TempDir,
    name: String,
}

impl Ground {
    pub fn new() -> Self {
        let name = next_name();
        let made = name.clone();
        apart(async move { Column::here().make_database(&made, None).await }).expect("a database");
        Self { folder: tempfile::tempdir().expect("a temporary folder"), name }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder, which is not made yet.
    pub fn config(&self) -> Config {
        let mut config = Config::for_folder(self.folder().join("data")).expect("a good configuration");
        Column::here().furnish(&mut config, &self.name);
        config
    }

    /// The settings that lead to it.
    pub fn environment(&self) -> Environment {
        of(&self.config())
    }
}

impl Default for Ground {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        Column::here().clear(&self.config(), &self.name);
    }
}
