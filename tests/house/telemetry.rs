//! What the program tells of itself while it serves: lines with numbers on them, and traces that go where they are wanted.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use hawser_tests::program;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program as a server, with what it says, line by line.
pub(super) struct Program {
    child: Child,
    pub url: String,
    pub operations: String,
    pub lines: mpsc::Receiver<String>,
    pub folder: TempDir,
}

pub(super) fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Program {
    /// Starts it on the embedded parts, and waits until it is ready.
    pub fn serve(settings: &[(&str, &str)]) -> (Self, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let (bind, operations) = (free(), free());
        let mut command = Command::new(program());
        command.arg("serve").current_dir(folder.path()).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        command.env("HAWSER_BIND", bind.to_string()).env("HAWSER_OPERATIONS_BIND", operations.to_string());
        command.env("HAWSER_ADMIN_PASSWORD", "the harbour master knows").stderr(Stdio::piped());
        for (name, value) in settings {
            command.env(format!("HAWSER_{name}"), value);
        }
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let program =
            Self { child, url: format!("http://{bind}"), operations: format!("http://{operations}"), lines, folder };
        let said =
            program.until(|line| line.contains("\"ready\"") || line.ends_with("ready") || line.contains(" ready "));
        (program, said)
    }

    /// What it says up to the line wanted.
    pub fn until(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => said.push(line),
                Err(error) => panic!("{error}; it said {said:#?}"),
            }
            if said.last().is_some_and(|line| wanted(line)) {
                return said;
            }
        }
    }

    /// Ends it as a supervisor does, and returns what it said to the end.
    pub fn end(mut self) -> (Vec<String>, TempDir) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let said: Vec<_> = std::iter::from_fn(|| self.lines.recv_timeout(PATIENCE).ok()).collect();
        assert!(self.child.wait().unwrap().success(), "{said:#?}");
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (said, folder)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A collector of traces: whatever is posted to it.
pub(super) fn collector() -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, bodies) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                loop {
                    let (mut length, mut line) = (0, String::new());
                    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
                        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                            length = value.trim().parse().unwrap();
                        }
                        line.clear();
                    }
                    let mut body = vec![0; length];
                    if length == 0 || reader.read_exact(&mut body).is_err() || sender.send(body).is_err() {
                        return;
                    }
                    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                    if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, bodies)
}

pub(super) fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|it| it == wanted)
}

#[tokio::test]
async fn a_request_is_found_by_its_number_in_the_lines_and_in_its_clients_trace() {
    let (otlp, bodies) = collector();
    let settings = [("LOG_FORMAT", "json"), ("LOG", "info,hawser_api=debug"), ("OTLP_URL", otlp.as_str())];
    let (program, said) = Program::serve(&settings);
    for line in said.iter().filter(|line| !line.starts_with("The first administrator")) {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    let answer = reqwest::Client::new()
        .post(format!("{}/graphql", program.url))
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .json(&json!({ "query": "{ __typename }" }))
        .send()
        .await
        .unwrap();
    let number = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let said = program.until(|line| line.contains("\"answered\"") && line.contains(&number));
    let line: Value = serde_json::from_str(said.last().unwrap()).unwrap();
    assert_eq!(line["span"]["request_id"], number.as_str(), "{line}");
    assert_eq!(line["span"]["door"], "/graphql", "{line}");
    program.end();
    let sent: Vec<u8> = bodies.try_iter().flatten().collect();
    assert!(holds(&sent, b"request") && holds(&sent, b"operation"), "two spans of the request");
    assert!(holds(&sent, number.as_bytes()), "by its number");
    let trace = [0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];
    assert!(holds(&sent, &trace), "in the trace that its client began");
}

#[tokio::test]
async fn a_worker_shows_health_and_numbers_on_its_own_door_and_tells_jobs_by_their_number() {
    let (program, _) = Program::serve(&[]);
    let health = reqwest::get(format!("{}/ready", program.operations)).await.unwrap();
    assert_eq!((health.status().as_u16(), health.text().await.unwrap().as_str()), (200, "ready\n"));
    let numbers = reqwest::get(format!("{}/metrics", program.operations)).await.unwrap().text().await.unwrap();
    assert!(numbers.contains("hawser_change_head"), "{numbers}");
    assert_eq!(reqwest::get(format!("{}/metrics", program.url)).await.unwrap().status(), 404);
    program.end();
}
