//! Several processes of one house, as on machines of their own: the same servers and keys, a folder each. And this process's
//! own house beside them.

use std::{
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use hawser_domain::{App, app::Ambient, config::Config, randomness::Randomness, secret::Keyring, user};
use hawser_xtask::services::free_port;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::{program, template};

pub struct Fleet {
    pub app: Arc<App>,
    settings: Vec<(&'static str, String)>,
    folder: TempDir,
}

impl Fleet {
    /// Founds a house on an empty database.
    pub async fn found(database: &str, redis: &str, lease: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        template::migrate(database).await;
        let key = Keyring::new_key("k1", &Randomness::from_system()).expect("a key");
        let mut config = Config::for_folder(folder.path().join("own")).expect("a good configuration");
        config.keys = Some(SecretString::from(key.clone()));
        config.database_url = Some(database.to_owned());
        config.redis_url = Some(SecretString::from(redis.to_owned()));
        config.lease_seconds = lease.as_secs();
        config.admin_password = Some(SecretString::from(template::ADMIN_PASSWORD));
        let app = App::open(config, Ambient::default()).await.expect("the house opens");
        user::ensure_first_admin(&app).await.expect("the first administrator");
        let settings = vec![
            ("HAWSER_KEYS", key),
            ("HAWSER_DATABASE_URL", database.to_owned()),
            ("HAWSER_REDIS_URL", redis.to_owned()),
            ("HAWSER_LEASE_SECONDS", lease.as_secs().to_string()),
            ("HAWSER_BIND", format!("127.0.0.1:{}", free_port().expect("a free port"))),
            ("HAWSER_LOG", "warn".to_owned()),
        ];
        Self { app, settings, folder }
    }

    /// Starts `hawser` with this word on a machine of this number, which keeps its folder.
    pub fn start(&self, word: &str, machine: usize) -> Process {
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("a log");
        let mut command = Command::new(program());
        command.arg(word).current_dir(self.folder.path()).env_clear().envs(self.settings.iter().cloned());
        command.env("HAWSER_DATA", self.folder.path().join(machine.to_string()));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        Process(child.expect("hawser starts"))
    }

    /// What all processes said.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

/// A process of ours, killed at the latest when dropped.
pub struct Process(pub Child);

impl Process {
    pub fn kill(&mut self) {
        self.0.kill().expect("our own child is killed");
        self.0.wait().expect("our own child ends");
    }

    /// `TERM`, `STOP` or `CONT`.
    pub fn signal(&self, signal: &str) {
        let told = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.0.id())]).status();
        assert!(told.expect("sh starts").success(), "our own child is signalled");
    }

    pub fn end(&mut self) -> ExitStatus {
        self.0.wait().expect("our own child ends")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
