//! Servers of our own for the tests: each on a free port of the loopback with a data folder of its own, started and ended
//! here, and never one of the machine's.

mod elasticsearch;
mod packages;
mod postgres;
mod process;
mod redis;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

pub use elasticsearch::Elasticsearch;
pub use packages::{install, is_root};
pub use postgres::Postgres;
pub use process::{Running, free_port};
pub use redis::Redis;

/// How the folders of a run begin; the id of its process follows.
const PREFIX: &str = "hawser-services-";

/// How much a server has to promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// What it was told may be lost with it, or with the machine: for everything but tests of that.
    None,
    /// What it was told outlives a kill; what PostgreSQL has committed, a loss of power too.
    Full,
}

/// What the product can stand on. They end when this is dropped, and their folders go with them.
pub struct Services {
    running: Vec<Running>,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Services {
    /// A PostgreSQL, a Redis and an Elasticsearch.
    pub fn all() -> Result<Self> {
        let mut services = Self::postgres()?;
        let redis = Redis::make(&services.folder.join("redis"), Durability::None)?;
        services.add(redis.start()?, "HAWSER_TEST_REDIS_URL", redis.url());
        let elasticsearch = Elasticsearch::make(&services.folder.join("elasticsearch"))?;
        services.add(elasticsearch.start()?, "HAWSER_TEST_ELASTICSEARCH_URL", elasticsearch.url());
        // The tests serve a bucket themselves.
        services.environment.push(("HAWSER_TEST_BLOB_URL", "s3s".to_owned()));
        Ok(services)
    }

    /// A PostgreSQL alone.
    pub fn postgres() -> Result<Self> {
        let temporary = std::env::temp_dir();
        sweep(&temporary, |id| Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{id}")).exists());
        let folder = temporary.join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        let mut services = Self { running: Vec::new(), folder, environment: Vec::new() };
        let postgres = Postgres::make(&services.folder.join("postgres"), Durability::None)?;
        services.add(postgres.start()?, "HAWSER_TEST_DATABASE_URL", postgres.url("postgres"));
        Ok(services)
    }

    fn add(&mut self, running: Running, name: &'static str, url: String) {
        self.running.push(running);
        self.environment.push((name, url));
    }

    /// The variables that lead the tests to them.
    pub fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.running.clear();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes folders of earlier runs that were killed: their servers ended with them.
fn sweep(folder: &Path, is_over: impl Fn(u32) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let id = name.strip_prefix(PREFIX).and_then(|id| id.parse::<u32>().ok());
        if id.is_some_and(&is_over) {
            // It may be somebody else's.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_behind_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["hawser-services-1", "hawser-services-2", "hawser-services-mine", "other-1"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        sweep(folder.path(), |id| id == 1);
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, ["hawser-services-2", "hawser-services-mine", "other-1"]);
    }
}
