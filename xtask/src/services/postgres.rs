//! A PostgreSQL of our own. It refuses to run as root, so that root runs it as the user its package has made.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{
    Durability,
    packages::{self, Package},
    process::{Kind, Running, bound, free_port},
};
use crate::run::is_there;

const PACKAGE: Package = Package { what: "PostgreSQL", names: &["postgresql"], is_there: || programs().is_some() };
const KIND: Kind = Kind { name: "PostgreSQL", ends_on: "QUIT" };
/// Whoever runs it where we are root.
const USER: &str = "postgres";

/// How long the processes of a killed server may take to end.
const ENDING: Duration = Duration::from_secs(60);

/// The data folder and the port: they outlive the processes that serve them.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    durability: Durability,
}

impl Postgres {
    /// Makes an empty one below this folder, which everybody must be able to enter.
    pub fn make(folder: &Path, durability: Durability) -> Result<Self> {
        packages::provide(&PACKAGE)?;
        fs::create_dir_all(folder)?;
        if let Some(user) = user() {
            run(Command::new("chown").arg(user).arg(folder))?;
        }
        let made = Self { folder: folder.to_owned(), port: free_port()?, durability };
        let mut initdb = made.program("initdb")?;
        initdb.args(["--auth", "trust", "--username", "hawser", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        run(initdb.arg("--pgdata").arg(made.data()))?;
        Ok(made)
    }

    /// Serves it, from where the last process left it.
    pub fn start(&self) -> Result<Running> {
        let synced = if self.durability == Durability::Full { "on" } else { "off" };
        let mut server = self.program("postgres")?;
        server.arg("-D").arg(self.data()).current_dir(&self.folder);
        for (name, value) in [
            ("port", self.port.to_string().as_str()),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("fsync", synced),
            ("synchronous_commit", synced),
            ("full_page_writes", synced),
            ("max_connections", "400"),
            ("shared_buffers", "128MB"),
            ("max_wal_size", "2GB"),
        ] {
            server.arg("-c").arg(format!("{name}={value}"));
        }
        let asks = self.bin("pg_isready")?;
        let port = self.port.to_string();
        Running::start(KIND, &mut server, &self.folder.with_extension("log"), || {
            let mut ask = Command::new(&asks);
            ask.args(["--quiet", "--host", "127.0.0.1", "--username", "hawser", "--port", &port]);
            ask.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
        })
    }

    /// Serves it again after a kill. What the killed one has started may still be ending, and holds the folder until then.
    pub fn restart(&self) -> Result<Running> {
        let begun = Instant::now();
        loop {
            match self.start() {
                Err(error) if begun.elapsed() > ENDING => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
                running => return running,
            }
        }
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://hawser@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn bin(&self, name: &str) -> Result<PathBuf> {
        Ok(programs().context("PostgreSQL is not installed")?.join(name))
    }

    fn program(&self, name: &str) -> Result<Command> {
        Ok(bound(KIND, user(), &self.bin(name)?))
    }
}

fn user() -> Option<&'static str> {
    packages::is_root().then_some(USER)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("could not start {:?}", command.get_program()))?;
    if !output.status.success() {
        bail!("{:?} failed: {}", command.get_program(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Where its programs lie: Debian keeps each version in a folder of its own, outside the search path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |folder: &PathBuf| folder.file_name().and_then(|it| it.to_str()).and_then(|it| it.parse::<u32>().ok());
    let newest = versions.map(|it| it.path()).filter(|it| it.join("bin/initdb").exists()).max_by_key(number);
    let elsewhere = || {
        let told = Command::new("pg_config").arg("--bindir").output().ok()?;
        let folder = PathBuf::from(String::from_utf8(told.stdout).ok()?.trim());
        (is_there("initdb", &["--version"]) && folder.join("initdb").exists()).then_some(folder)
    };
    newest.map(|it| it.join("bin")).or_else(elsewhere)
}
