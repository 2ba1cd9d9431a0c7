//! A server on loopback that answers what a test tells it to, for the answers no well-behaved cloud gives.

#![allow(dead_code, clippy::expect_used, reason = "each test binary uses a part; a failed set-up should stop it")]

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use url::Url;

pub struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    news: Arc<Notify>,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub head: String,
    pub body: String,
}

impl Asked {
    pub fn header(&self, wanted: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

impl Server {
    /// Answers every request with the bytes `script` has for it; no bytes mean silence until the caller gives up.
    pub async fn start(script: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let news = Arc::new(Notify::new());
        let (seen, ring, script) = (asked.clone(), news.clone(), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (seen, ring, script) = (seen.clone(), ring.clone(), script.clone());
                tokio::spawn(async move { serve(socket, &seen, &ring, &*script).await });
            }
        });
        Self { address, asked, news }
    }

    pub fn url(&self, path: &str) -> Url {
        format!("{}{path}", self.address).parse().expect("a url")
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no poison").clone()
    }

    /// Waits until so many requests have come, and fails after ten seconds without them.
    pub async fn after(&self, count: usize) -> Vec<Asked> {
        let enough = async {
            while self.asked().len() < count {
                self.news.notified().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), enough).await.expect("enough requests in time");
        self.asked()
    }

    pub fn heads(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.head).collect()
    }
}

async fn serve(
    socket: TcpStream,
    seen: &Mutex<Vec<Asked>>,
    ring: &Notify,
    script: &(dyn Fn(&str) -> Vec<u8> + Send + Sync),
) {
    let mut socket = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && socket.read_line(&mut head).await.is_ok_and(|count| count > 0) {}
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    // The body is read to its end: closing over unread bytes would reset the connection and lose the answer.
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = socket.read_exact(&mut body).await;
    let asked = Asked { head, body: String::from_utf8_lossy(&body).into_owned() };
    let answer = script(asked.target());
    seen.lock().expect("no poison").push(asked);
    ring.notify_one();
    if answer.is_empty() {
        let _ = socket.read(&mut [0]).await;
        return;
    }
    let _ = socket.write_all(&answer).await;
    let _ = socket.shutdown().await;
}

/// A whole answer; `headers` end in `\r\n` each.
pub fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub fn json(status: &str, body: &str) -> Vec<u8> {
    reply(status, "Content-Type: application/json; charset=UTF-8\r\n", body)
}

pub fn redirect(to: &str) -> Vec<u8> {
    reply("302 Found", &format!("Location: {to}\r\n"), "")
}
