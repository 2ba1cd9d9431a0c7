//! The program itself, serving, in a process of its own.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use serde_json::{Value, json};

use hawser_tests::{Ground, program};

/// Digits only, which the environment must not turn into a number.
const PASSWORD: &str = "0012345678901234";

pub struct Server {
    /// Host and port.
    pub address: String,
    child: Child,
    /// What it says after it was ready.
    said: Option<JoinHandle<String>>,
    _ground: Ground,
}

impl Server {
    /// Starts a new house and waits until it serves.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Like `start`, with more settings.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        loop {
            // Somebody else may have been given the port before the program took it.
            match Self::try_start(settings) {
                Ok(server) => return server,
                Err(said) => assert!(said.contains("cannot listen on"), "it ended before it was ready: {said}"),
            }
        }
    }

    /// # Errors
    /// What it said before it ended.
    fn try_start(settings: &[(&str, &str)]) -> Result<Self, String> {
        let ground = Ground::new();
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address").to_string();
        drop(free);
        let mut command = Command::new(program());
        command.arg("serve").current_dir(ground.folder()).env_clear().stdin(Stdio::null()).stderr(Stdio::piped());
        command.envs(ground.environment()).env("HAWSER_BIND", &address);
        command.env("HAWSER_ADMIN_PASSWORD", PASSWORD).envs(settings.iter().copied());
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its words"));
        let mut said = String::new();
        while !said.contains("ready") {
            if lines.read_line(&mut said).expect("a line") == 0 {
                let _ = child.wait();
                return Err(said);
            }
        }
        // Read on, so that it never waits for a reader.
        let said = std::thread::spawn(move || {
            let mut rest = Vec::new();
            lines.read_to_end(&mut rest).expect("its words");
            String::from_utf8_lossy(&rest).into_owned()
        });
        Ok(Self { address, child, said: Some(said), _ground: ground })
    }

    /// The memory it holds, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let request = reqwest::Client::new().post(format!("http://{}/graphql", self.address));
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The administrator's token.
    pub async fn sign_in(&self) -> String {
        let query = "mutation($input: SessionCreateInput!) { sessionCreate(input: $input) { token } }";
        let input = json!({ "email": "admin@localhost", "password": PASSWORD });
        let answer = self.ask(None, query, json!({ "input": input })).await;
        answer["data"]["sessionCreate"]["token"].as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned()
    }

    /// The name of a token's owner.
    pub async fn who(&self, token: &str) -> String {
        let answer = self.ask(Some(token), "{ viewer { user { name } } }", json!({})).await;
        answer["data"]["viewer"]["user"]["name"].as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned()
    }

    /// A workspace of the token's owner.
    pub async fn workspace(&self, token: &str) -> String {
        let query = "mutation($input: DocumentCreateInput!) { documentCreate(input: $input) { document { id } } }";
        let input = json!({ "kind": "WORKSPACE", "name": "Harbour" });
        let answer = self.ask(Some(token), query, json!({ "input": input })).await;
        answer["data"]["documentCreate"]["document"]["id"].as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned()
    }

    /// Ends it, and tells what it said.
    pub fn end(mut self) -> String {
        self.child.kill().expect("killed");
        self.said.take().map(|said| said.join().expect("its words")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
