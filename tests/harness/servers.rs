//! Servers of a test's own, which may be killed, stunned, emptied and started again without anybody else's noticing. They
//! end with the test.

use std::{
    fs::{Permissions, set_permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use hawser_xtask::services::{Durability, Postgres, Redis, Running};
use tempfile::TempDir;

pub struct Server {
    stock: Stock,
    running: Option<Running>,
    _folder: TempDir,
}

/// What outlives a kill.
enum Stock {
    Postgres(Postgres),
    Redis(Redis),
}

impl Server {
    /// PostgreSQL with durable commits.
    pub fn postgres() -> Self {
        Self::begin(|folder| Stock::Postgres(Postgres::make(folder, Durability::Full).expect("PostgreSQL is made")))
    }

    /// Redis that forgets everything with its process.
    pub fn redis() -> Self {
        Self::begin(|folder| Stock::Redis(Redis::make(folder, Durability::None).expect("Redis is made")))
    }

    /// Redis that writes down what it is told.
    pub fn durable_redis() -> Self {
        Self::begin(|folder| Stock::Redis(Redis::make(folder, Durability::Full).expect("Redis is made")))
    }

    fn begin(make: impl FnOnce(&Path) -> Stock) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // PostgreSQL may run as somebody else.
        set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("everybody may enter it");
        let mut server = Self { stock: make(&folder.path().join("server")), running: None, _folder: folder };
        server.restart();
        server
    }

    /// Of PostgreSQL, its database `postgres`; of Redis, its database 0.
    pub fn url(&self) -> String {
        match &self.stock {
            Stock::Postgres(postgres) => postgres.url("postgres"),
            Stock::Redis(redis) => redis.url(),
        }
    }

    /// Ends it at once, as a loss of power would.
    pub fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.kill().expect("our own child is killed");
        }
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Starts it on its old folder and port, after a kill where it runs, and waits until it answers.
    pub fn restart(&mut self) {
        self.kill();
        let running = match &self.stock {
            Stock::Postgres(postgres) => postgres.restart(),
            Stock::Redis(redis) => redis.start(),
        };
        self.running = Some(running.expect("the server starts"));
    }

    /// Connections stay, and nobody answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.running.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill is installed").success());
    }

    /// Redis forgets everything.
    pub async fn flush(&self) {
        self.tell(redis::cmd("FLUSHALL")).await;
    }

    /// From now on whoever comes to Redis needs this password.
    pub async fn ask_for_password(&self, password: &str) {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("requirepass").arg(password);
        self.tell(set).await;
    }

    async fn tell(&self, command: redis::Cmd) {
        let client = redis::Client::open(self.url()).expect("an address");
        let mut connection = client.get_multiplexed_async_connection().await.expect("a connection");
        command.exec_async(&mut connection).await.expect("it obeys");
    }
}
