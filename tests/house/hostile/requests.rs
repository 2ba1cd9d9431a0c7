//! Thousands of malformed requests at the real server, over bare sockets: never a 5xx, never a hang, never a growing
//! process, and the server still answers afterwards. The same seed sends the same requests.

use std::{collections::BTreeMap, time::Duration};

use futures::StreamExt;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{cast::id, server::Server};

const REQUESTS: usize = 5_000;
/// What is made once, at the first requests, is no growth.
const WARM: usize = 500;
/// Requests on their way at once.
const AT_ONCE: usize = 48;
const PATIENCE: Duration = Duration::from_secs(5);
/// What the process may grow by, in KiB.
const GROWTH: u64 = 50 * 1024;

const METHODS: [&str; 12] =
    ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "BREW", "\u{1}"];
const PATHS: [&str; 24] = [
    "/graphql",
    "/graphql?query={viewer{isSession}}",
    "/graphql/..;/admin",
    "/content/nonsense/download",
    "/content/nonsense/pdf",
    "/content/nonsense/redirect",
    "/content/%00/thumbnail",
    "/content/..%2f..%2f..%2fetc%2fpasswd/download",
    "/content/../../../../etc/passwd",
    "/webhooks/00000000-0000-0000-0000-000000000007",
    "/webhooks/nonsense",
    "/webhooks/%ff%fe",
    "/oauth/start/00000000-0000-0000-0000-000000000007?ticket=x",
    "/oauth/start/nonsense",
    "/oauth/callback/00000000-0000-0000-0000-000000000007?state=x&code=y",
    "/oauth/callback/00000000-0000-0000-0000-000000000007?state=x&state=y&code=%ff",
    "/oauth/callback/nonsense?error=%3Cscript%3E",
    "/health/live",
    "/health/ready",
    "/health/../graphql",
    "/",
    "//",
    "/%",
    "*",
];
const TYPES: [&str; 7] = [
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql-response+json",
    "\u{fffd}",
];

/// The bytes of one request.
struct Made {
    bytes: Vec<u8>,
    /// A door, to count by.
    door: &'static str,
}

struct Maker<'a> {
    random: &'a mut StdRng,
    /// Good credentials, so that some requests get past the door.
    token: &'a str,
}

impl Maker<'_> {
    fn chance(&mut self, in_hundred: u32) -> bool {
        self.random.random_ratio(in_hundred, 100)
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(self.random).expect("something to choose from")
    }

    fn noise(&mut self, most: usize) -> Vec<u8> {
        let length = self.random.random_range(0..=most);
        (0..length).map(|_| self.random.random()).collect()
    }

    fn made(&mut self) -> Made {
        if self.chance(3) {
            return Made { bytes: self.noise(4_096), door: "noise" };
        }
        let path = self.path();
        let door = ["/graphql", "/content", "/webhooks", "/oauth", "/health"];
        let door = door.into_iter().find(|door| path.starts_with(door)).unwrap_or("elsewhere");
        let mut method = self.choose(&METHODS).to_owned();
        if self.chance(40) {
            method = if door == "/graphql" || door == "/webhooks" { "POST" } else { "GET" }.to_owned();
        }
        let version =
            if self.chance(95) { "HTTP/1.1" } else { self.choose(&["HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "", "http"]) };
        let mut bytes = format!("{method} {path} {version}\r\n").into_bytes();
        let body = self.body();
        self.headers(&mut bytes, body.len());
        bytes.extend_from_slice(b"\r\n");
        bytes.extend(body);
        if self.chance(10) {
            let end = self.random.random_range(0..=bytes.len());
            bytes.truncate(end);
        }
        if self.chance(10) {
            for _ in 0..self.random.random_range(1..20) {
                let place = self.random.random_range(0..=bytes.len());
                let byte = self.random.random();
                bytes.insert(place, byte);
            }
        }
        Made { bytes, door }
    }

    fn path(&mut self) -> String {
        match self.random.random_range(0..100) {
            0..25 => "/graphql".into(),
            25..85 => self.choose(&PATHS).into(),
            85..92 => format!("/content/{}/{}", "../".repeat(self.random.random_range(1..40)), "%2e%2e/".repeat(9)),
            92..96 => format!("/{}", "a/".repeat(self.random.random_range(1..4_000))),
            _ => format!("/oauth/callback/x?{}", "state=%00&".repeat(self.random.random_range(1..500))),
        }
    }

    fn headers(&mut self, bytes: &mut Vec<u8>, length: usize) {
        let mut put = |line: String| bytes.extend_from_slice(line.as_bytes());
        if self.random.random_ratio(95, 100) {
            put("Host: 127.0.0.1\r\n".into());
        }
        if self.chance(80) {
            put(format!("Content-Type: {}\r\n", self.choose(&TYPES)));
        }
        match self.random.random_range(0..100) {
            0..80 => put(format!("Content-Length: {length}\r\n")),
            80..85 => put(format!(
                "Content-Length: {}\r\n",
                self.choose(&["-1", "x", "18446744073709551616", "999999999", "1, 2"])
            )),
            85..90 => put(format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n")),
            90..95 => put("Transfer-Encoding: chunked\r\n".into()),
            _ => {}
        }
        match self.random.random_range(0..100) {
            0..30 => put(format!("Authorization: Bearer {}\r\n", self.token)),
            30..40 => put(format!(
                "Authorization: {}\r\n",
                self.choose(&["", "Bearer", "Bearer ", "Basic Og==", "Bearer hws_", "Bearer \u{1f6a2}"])
            )),
            _ => {}
        }
        if self.chance(10) {
            put("Connection: Upgrade\r\nUpgrade: websocket\r\n".into());
            put(format!("Sec-WebSocket-Version: {}\r\n", self.choose(&["13", "12", "", "x"])));
            put(format!("Sec-WebSocket-Key: {}\r\n", self.choose(&["dGhlIHNhbXBsZSBub25jZQ==", "", "x"])));
            put(format!("Sec-WebSocket-Protocol: {}\r\n", self.choose(&["graphql-transport-ws", "graphql-ws", ""])));
        }
        if self.chance(5) {
            let (size, count) = (self.choose(&[10, 1_000, 20_000, 200_000]), self.choose(&[1, 5, 200]));
            (0..count).for_each(|n| put(format!("X-Huge-{n}: {}\r\n", "h".repeat(size / count))));
        }
        if self.chance(10) {
            put(format!(
                "{}\r\n",
                self.choose(&[
                    "Range: bytes=99999999999999999999-",
                    "Range: bytes=-",
                    "Accept: text/html",
                    "Accept: ;;;q=x,,",
                    "Cookie: a=b; ; =; \u{1}",
                    "If-None-Match: \u{ff}",
                    "Expect: 100-continue",
                    "Origin: null",
                    "X-Goog-Channel-ID: x",
                    "no colon",
                    ": no name"
                ])
            ));
        }
    }

    fn body(&mut self) -> Vec<u8> {
        let good = json!({ "query": "query($id: ID!) { node(id: $id) { id } }", "variables": { "id": id("doc", uuid::Uuid::nil()) } });
        let mut body = match self.random.random_range(0..10) {
            0..4 => good.to_string().into_bytes(),
            4 => format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000)).into_bytes(),
            5 => json!({ "query": format!("{{{}}}", "a{".repeat(5_000)) }).to_string().into_bytes(),
            6 => json!({ "query": "{ viewer { isSession } }", "variables": self.choose(&["x", "null"]) })
                .to_string()
                .into_bytes(),
            7 => b"ticket=x&ticket=%ff".to_vec(),
            8 => vec![b' '; self.choose(&[0, 1, 1_000, 300_000])],
            _ => self.noise(2_000),
        };
        if self.chance(30) {
            body.truncate(self.random.random_range(0..=body.len()));
        }
        if self.chance(20) && !body.is_empty() {
            let place = self.random.random_range(0..body.len());
            body[place] = self.choose(&[0xff, 0xc0, 0x00, 0xed]);
        }
        body
    }
}

/// Sends a request and nothing more, and reads to the end. The statuses of the answers; 0 for a hang.
async fn sent(address: &str, bytes: &[u8]) -> Vec<u16> {
    let talk = async {
        let mut socket = TcpStream::connect(address).await.expect("the server listens");
        // A server that has heard enough may close before everything is said.
        let _ = socket.write_all(bytes).await;
        let _ = socket.shutdown().await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        answer
    };
    let Ok(answer) = tokio::time::timeout(PATIENCE, talk).await else { return vec![0] };
    let text = String::from_utf8_lossy(&answer);
    let lines = text.split("HTTP/1.").skip(1);
    lines.filter_map(|rest| rest.get(2..5)?.parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_malformed_requests_bring_no_5xx_no_hang_and_no_growth() {
    let server = Server::start();
    let token = server.sign_in().await;
    let mut random = StdRng::seed_from_u64(2026);
    let mut maker = Maker { random: &mut random, token: &token };
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let mut bad = Vec::new();
    let (mut before, mut slowest) = (None, Duration::ZERO);
    for part in [WARM, REQUESTS - WARM] {
        let all: Vec<Made> = (0..part).map(|_| maker.made()).collect();
        let talks = all.into_iter().map(|made| async {
            let begun = std::time::Instant::now();
            (sent(&server.address, &made.bytes).await, begun.elapsed(), made)
        });
        let mut talks = futures::stream::iter(talks).buffer_unordered(AT_ONCE);
        while let Some((statuses, took, made)) = talks.next().await {
            let word = statuses.iter().map(u16::to_string).collect::<Vec<_>>().join("+");
            *counts.entry((made.door, word)).or_default() += 1;
            slowest = slowest.max(took);
            if statuses.iter().any(|status| *status == 0 || *status >= 500) {
                let start: String = String::from_utf8_lossy(&made.bytes).chars().take(300).collect();
                bad.push(format!("{statuses:?} for {start:?}"));
            }
        }
        before.get_or_insert_with(|| server.memory());
    }
    let grown = server.memory().saturating_sub(before.expect("a size"));
    println!("answers by door: {counts:?}; grown by {grown} KiB, slowest {slowest:?}");
    assert!(bad.is_empty(), "{}\n{} were bad", bad.join("\n"), bad.len());
    assert!(grown < GROWTH, "{grown} KiB");
    assert_eq!(server.who(&token).await, "Administrator", "the server still answers");
    let said = server.end();
    assert!(!said.contains("panicked") && !said.contains(&token), "{said}");
}
