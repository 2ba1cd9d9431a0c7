//! A Redis of a test's own, which may be stopped, forgotten and started again without anybody else's noticing.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::lasting;

/// A private server on a free port. It ends with the test.
pub struct Redis {
    port: u16,
    child: Option<Child>,
    folder: TempDir,
}

impl Redis {
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its number").port();
        let mut redis = Self { port, child: None, folder: tempfile::tempdir().expect("a temporary folder") };
        redis.again().await;
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Starts it anew on the same port, knowing nothing, and waits until it answers.
    pub async fn again(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let port = self.port.to_string();
        let arguments = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
        let child = Command::new("redis-server")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed: `cargo xtask services` does it");
        self.child = Some(child);
        let answers = async {
            while self.try_tell("PING").await.is_err() {
                lasting(20).await
            }
        };
        tokio::time::timeout(Duration::from_secs(60), answers).await.expect("it starts");
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it is killed");
        child.wait().expect("it is gone");
    }

    /// Forgets everything.
    pub async fn flush(&self) {
        self.try_tell("FLUSHALL").await.expect("it answers");
    }

    /// From now on whoever comes needs this password.
    pub async fn ask_for_password(&self, password: &str) {
        let client = redis::Client::open(self.url()).expect("an address");
        let mut connection = client.get_multiplexed_async_connection().await.expect("a connection");
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("requirepass").arg(password);
        set.exec_async(&mut connection).await.expect("it is set");
    }

    /// SIGSTOP: connections stay, and nobody answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill is installed").success());
    }

    async fn try_tell(&self, command: &str) -> redis::RedisResult<redis::Value> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd(command).query_async(&mut connection).await
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
