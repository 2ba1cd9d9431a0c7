//! Servers of a test's own, to be killed: PostgreSQL that keeps what it acknowledged, and Redis. They lie in a temporary
//! folder, listen on loopback, and end with the test.

use std::{
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use sea_orm::{ConnectOptions, Database};
use tempfile::TempDir;

/// How long a server may take to answer: machines may be slow and busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server in a process of its own.
pub struct Server {
    kind: Kind,
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Postgres,
    Redis,
}

impl Server {
    /// PostgreSQL with its user `hawser` and durable commits, answering.
    pub async fn postgres() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut initdb = program(Kind::Postgres, "initdb");
        if let Some((user, group)) = postgres_user() {
            chown(folder.path(), Some(user), Some(group)).expect("the folder is given to postgres");
        }
        let data = folder.path().join("data");
        initdb.arg("-D").arg(&data).args(["-U", "hawser", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let made = initdb.stdout(Stdio::null()).status().expect("initdb starts");
        assert!(made.success(), "initdb: {made}");
        let mut server = Self { kind: Kind::Postgres, folder, port: free_port(), child: None };
        server.restart().await;
        server
    }

    /// Redis, answering.
    pub async fn redis() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut server = Self { kind: Kind::Redis, folder, port: free_port(), child: None };
        server.restart().await;
        server
    }

    /// Of PostgreSQL, its database `postgres`; of Redis, its database 0.
    pub fn url(&self) -> String {
        match self.kind {
            Kind::Postgres => format!("postgres://hawser@127.0.0.1:{}/postgres", self.port),
            Kind::Redis => format!("redis://127.0.0.1:{}/0", self.port),
        }
    }

    /// Ends it at once, as a loss of power would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("our own child is killed");
            child.wait().expect("our own child ends");
        }
    }

    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// Starts it on its old folder and port, and waits until it answers.
    pub async fn restart(&mut self) {
        self.kill();
        let answers = async {
            // A killed PostgreSQL leaves children behind for a moment, and does not start again beside them.
            let mut every = tokio::time::interval(Duration::from_millis(50));
            loop {
                every.tick().await;
                let gone = self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
                if gone {
                    self.child = Some(self.command().spawn().expect("the server starts"));
                } else if self.answers().await {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.expect("the server answers");
    }

    fn command(&self) -> Command {
        let port = self.port.to_string();
        let mut command = match self.kind {
            Kind::Postgres => {
                let mut command = program(self.kind, "postgres");
                command.arg("-D").arg(self.folder.path().join("data")).args(["-p", &port, "-h", "127.0.0.1"]);
                for setting in [
                    "unix_socket_directories=",
                    "fsync=on",
                    "synchronous_commit=on",
                    "max_connections=300",
                    "shared_buffers=64MB",
                ] {
                    command.args(["-c", setting]);
                }
                command
            }
            Kind::Redis => {
                let mut command = program(self.kind, "redis-server");
                command.args(["--port", &port, "--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--dir"]);
                command.arg(self.folder.path());
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    async fn answers(&self) -> bool {
        match self.kind {
            Kind::Postgres => {
                let mut options = ConnectOptions::new(self.url());
                options.max_connections(1).connect_timeout(Duration::from_secs(2)).sqlx_logging(false);
                match Database::connect(options).await {
                    Ok(db) => db.ping().await.is_ok(),
                    Err(_) => false,
                }
            }
            Kind::Redis => {
                let client = redis::Client::open(self.url()).expect("a good address");
                match client.get_multiplexed_async_connection().await {
                    Ok(mut it) => redis::cmd("PING").query_async::<String>(&mut it).await.is_ok(),
                    Err(_) => false,
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program that Debian's packages may keep out of the search path. PostgreSQL refuses to run as root.
fn program(kind: Kind, name: &str) -> Command {
    let mut command = Command::new(find(name));
    if kind == Kind::Postgres
        && let Some((user, group)) = postgres_user()
    {
        command.uid(user).gid(group).current_dir("/");
    }
    command
}

fn find(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file());
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|program| program.is_file())
        .collect();
    versions.sort();
    on_path.or(versions.pop()).unwrap_or_else(|| panic!("{name} is not installed: run `cargo xtask services`"))
}

/// Who PostgreSQL runs as where this is root: its user and group.
fn postgres_user() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").ok()?;
    if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
        return None;
    }
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut ids = line.split(':').skip(2).map(str::parse);
    Some((ids.next()?.ok()?, ids.next()?.ok()?))
}

/// Free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the port is known").port()
}
