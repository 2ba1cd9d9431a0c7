//! A `hawser` in a process of its own, for scripts to talk to. It is ended by its own handle.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Stdio},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run::{program, target};

/// A running program, ended when dropped.
pub struct Server {
    child: Child,
    /// Held open: a program whose output nobody takes may end itself.
    _printed: Option<BufReader<ChildStdout>>,
    /// What it said of itself.
    pub said: Value,
}

impl Server {
    /// Starts `hawser` with these words. Its first line must be JSON, printed once it is ready.
    pub fn start(words: &[&str]) -> Result<Server> {
        let mut command = program(target().join("debug/hawser"));
        let shown = format!("hawser {}", words.join(" "));
        let started = command.args(words).stdout(Stdio::piped()).spawn();
        let mut child = started.with_context(|| format!("could not start {shown}"))?;
        let printed = child.stdout.take().map(BufReader::new);
        let mut server = Server { child, _printed: printed, said: Value::Null };
        let mut line = String::new();
        if let Some(printed) = &mut server._printed {
            printed.read_line(&mut line)?;
        }
        server.said = serde_json::from_str(&line)
            .with_context(|| format!("{shown} must begin with a line of JSON, and said `{line}`"))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing left to end then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
