//! One house: its parts, and the end, where it is checked that no work was left behind.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use hawser_api::Engine;
use hawser_domain::{
    App, Write, app::Ambient, clock::Clock, config::Config, metric, principal::Actor, randomness::Randomness,
};
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;

use crate::{
    column::{self, Column},
    template,
};

/// Houses of this process so far.
static HOUSES: AtomicUsize = AtomicUsize::new(0);

/// A name that no other house has: of its database and its prefixes.
pub(crate) fn next_name() -> String {
    format!("hawser_{}_{}", std::process::id(), HOUSES.fetch_add(1, Ordering::Relaxed))
}

/// A house of its own for one test. Ids and secrets follow a seed, and the clock is moved by `house.clock.advance(…)`.
pub struct House {
    pub app: Arc<App>,
    pub engine: Engine,
    pub clock: Clock,
    /// Where the real server will listen; known from the beginning, since URLs are made from it.
    pub address: SocketAddr,
    pub(crate) listener: TcpListener,
    leave_jobs: AtomicBool,
    /// Whether clouds can reach it: then a push may come at any moment, and ask for one more poll.
    pub(crate) is_reached: AtomicBool,
    /// Its own: of its database and its prefixes, where servers are shared.
    name: String,
    folder: TempDir,
}

impl House {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Like `start`, with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let name = next_name();
        template::copy(folder.path(), &name).await;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port is known");
        let mut config = Config::for_folder(folder.path().to_owned()).expect("a good configuration");
        Column::here().furnish(&mut config, &name);
        config.bind = address;
        config.public_url = Some(format!("http://{address}"));
        config.allow_loopback_clouds = true;
        // Only tests of reading want contents read: a process is started for each.
        config.extract = false;
        // Only tests of the buckets want to run out of points.
        config.graphql_points = 1_000_000_000;
        config.graphql_stranger_points = 1_000_000_000;
        change(&mut config);
        let clock = Clock::default();
        let ambient = Ambient { clock: clock.clone(), randomness: Randomness::from_seed(1) };
        let app = App::open(config, ambient).await.expect("the house opens");
        let engine = Engine::new(app.clone());
        Self {
            app,
            engine,
            clock,
            address,
            listener,
            leave_jobs: AtomicBool::new(false),
            is_reached: AtomicBool::new(false),
            name,
            folder,
        }
    }

    /// Another process on the same database, as far as one can be played: it shares nothing with this one in memory but
    /// the clock. `number` keeps what it draws by chance its own.
    pub async fn another(&self, number: u64) -> Arc<App> {
        let ambient = Ambient { clock: self.clock.clone(), randomness: Randomness::from_seed(1_000 + number) };
        App::open(self.app.config.clone(), ambient).await.expect("a second process opens the house")
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Somebody who writes and does not come to an end: until the transaction is given up, nobody else's write does.
    pub async fn hold_writers(&self) -> Write<'_> {
        let held = self.app.write(Actor::System).await.expect("a transaction");
        // On PostgreSQL writers wait for each other where the log is written.
        held.db().execute_unprepared("UPDATE repository SET head_seq = head_seq").await.expect("the head is held");
        held
    }

    /// The names of the blobs that lie in the store, and of whatever else lies between them.
    pub async fn blobs(&self) -> BTreeSet<String> {
        let entries = self.app.blobs.list_with("/").recursive(true).await.expect("the blobs are listed");
        let files = entries.iter().filter(|entry| entry.metadata().is_file());
        files.map(|entry| entry.name().to_owned()).filter(|name| name != ".hawser").collect()
    }

    /// One of the numbers for operators, by its name and labels; 0 where nothing was counted yet.
    pub async fn counted(&self, line: &str) -> f64 {
        let text = metric::scrape(&self.app).await.expect("the numbers are told");
        let found = text.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(' '));
        found.map_or(0.0, |value| value.parse().expect("a number"))
    }

    /// Says that work left behind is on purpose.
    pub fn leave_jobs(&self) {
        self.leave_jobs.store(true, Ordering::Relaxed);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let counts = !std::thread::panicking() && !self.leave_jobs.load(Ordering::Relaxed);
        let url = self.app.config.database_url();
        let mut left = match counts {
            true => column::apart(async move { jobs_left(&url).await }).expect("the jobs are counted"),
            false => Vec::new(),
        };
        let is_reached = self.is_reached.load(Ordering::Relaxed);
        left.retain(|job| !(is_reached && job == "poll_feed queued"));
        Column::here().clear(&self.app.config, &self.name);
        assert!(left.is_empty(), "work was left behind: {left:?}; drain() it, or say leave_jobs()");
    }
}

/// Kind and state of what is neither finished nor waiting for something outside.
async fn jobs_left(url: &str) -> Vec<String> {
    let db = column::connect(url).await;
    let sql = "SELECT kind || ' ' || state AS job FROM job WHERE state IN ('queued', 'running') ORDER BY id";
    let rows =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("the jobs are read");
    let left = rows.iter().map(|row| row.try_get("", "job").expect("a text")).collect();
    db.close().await.expect("the database closes");
    left
}
