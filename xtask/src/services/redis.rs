//! A Redis of our own.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    Durability,
    packages::{self, Package},
    process::{Kind, Running, bound, free_port},
};
use crate::run::is_there;

const PACKAGE: Package =
    Package { what: "Redis", names: &["redis-server"], is_there: || is_there("redis-server", &["--version"]) };

const KIND: Kind = Kind { name: "Redis", ends_on: "TERM" };

/// A folder and a port: they outlive the processes that serve them.
pub struct Redis {
    folder: PathBuf,
    port: u16,
    durability: Durability,
}

impl Redis {
    pub fn make(folder: &Path, durability: Durability) -> Result<Self> {
        packages::provide(&PACKAGE)?;
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), port: free_port()?, durability })
    }

    pub fn start(&self) -> Result<Running> {
        let mut server = bound(KIND, None, Path::new("redis-server"));
        server.current_dir(&self.folder).args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        let writes = if self.durability == Durability::Full { "yes" } else { "no" };
        server.args(["--save", "", "--appendonly", writes]);
        Running::start(KIND, &mut server, &self.folder.with_extension("log"), || self.answers().unwrap_or(false))
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    fn answers(&self) -> Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG")
    }
}
