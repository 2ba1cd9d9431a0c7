//! Malformed requests over HTTP: broken operations in good requests, odd requests, and bytes that are no request at all.

use rand::{Rng, rngs::StdRng};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use url::form_urlencoded::byte_serialize;

use super::{
    Target,
    answer::{Reader, of_http},
    broken::{anything, body, chance, choose, noise, parameters, spoil_bytes},
    corpus::Good,
};

const TYPES: [&str; 14] = [
    "application/json",
    "application/json; charset=utf-8",
    "APPLICATION/JSON;charset=\"UTF-8\"",
    "application/json; charset=utf-16",
    "application/json;",
    "application/graphql",
    "application/graphql-response+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "",
    "/",
    "\u{fffd}",
];
const ACCEPTS: [&str; 16] = [
    "*/*",
    "application/json",
    "application/graphql-response+json",
    "application/graphql-response+json, application/json;q=0.9",
    "application/json;q=0, */*;q=0.1",
    "application/json;q=2",
    "application/json;q=-1;q=x",
    "application/json;q=",
    "text/html",
    "text/event-stream",
    "text/event-stream;q=0.1, application/json;q=0.05",
    "multipart/mixed; deferSpec=20220824",
    ";;;,,,",
    "application/*",
    "a/b;c=\"",
    "\u{1f6a2}",
];
const METHODS: [&str; 10] = ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "post", "BREW", "GET"];

/// What is sent, and what may come of it.
struct Made {
    bytes: Vec<u8>,
    /// Whether it is a request whose end the server can see, so that exactly one answer must come.
    is_whole: bool,
    /// Whether the answer has a body, as opposed to one to HEAD.
    has_body: bool,
    /// Whether an answer as a stream may go on for ever.
    may_last: bool,
}

/// One connection after the other; each is kept as long as both sides like it.
#[derive(Default)]
pub struct Wire {
    open: Option<Reader>,
}

impl Wire {
    /// Sends one, and judges what comes of it: the bytes sent, and the kinds of answers or a fault.
    pub async fn request(&mut self, target: &Target, random: &mut StdRng) -> (Vec<u8>, Result<Vec<String>, String>) {
        let good = target.good(random);
        let made = match random.random_range(0..100) {
            0..50 => post(target, good, random),
            50..65 => get(target, good, random),
            65..82 => odd(target, good, random),
            _ => bytes(target, good, random),
        };
        let came = match made.is_whole {
            true => self.one(target, &made).await,
            false => all(target, &made).await,
        };
        (made.bytes, came)
    }

    /// Sends a whole request over a connection that is kept, and reads its one answer.
    async fn one(&mut self, target: &Target, made: &Made) -> Result<Vec<String>, String> {
        let (mut reader, is_kept) = match self.open.take() {
            Some(reader) => (reader, true),
            None => (connected(target).await?, false),
        };
        // The server may have closed a kept connection or an earlier answer may have told it to: then it is a new one's.
        let written = reader.stream.write_all(&made.bytes).await;
        let head = match written {
            Ok(()) => reader.head().await?,
            Err(_) => None,
        };
        let head = match head {
            Some(head) => head,
            None if is_kept => {
                reader = connected(target).await?;
                // A server that has heard enough may answer before all is said.
                let _ = reader.stream.write_all(&made.bytes).await;
                reader.head().await?.ok_or("no answer")?
            }
            None => return Err("no answer".to_owned()),
        };
        if head.is_stream() && made.may_last {
            return Ok(vec![format!("{} stream", head.status)]);
        }
        let body = reader.body(&head, made.has_body).await?;
        let kind = match made.has_body {
            true => of_http(&head, &body)?,
            false => format!("{} HEAD", head.status),
        };
        let is_last = head.header("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
        if !is_last && !head.is_stream() {
            self.open = Some(reader);
        }
        Ok(vec![kind])
    }
}

async fn connected(target: &Target) -> Result<Reader, String> {
    let stream = TcpStream::connect(&target.address).await.map_err(|error| format!("cannot connect: {error}"))?;
    Ok(Reader::new(stream))
}

/// Sends whatever it is and nothing more, and reads to the end: answers, or none.
async fn all(target: &Target, made: &Made) -> Result<Vec<String>, String> {
    let mut reader = connected(target).await?;
    let _ = reader.stream.write_all(&made.bytes).await;
    let _ = reader.stream.shutdown().await;
    let mut kinds = Vec::new();
    while let Some(head) = reader.head().await? {
        if head.status == 101 || (head.is_stream() && made.may_last) {
            kinds.push(format!("{} stream", head.status));
            return Ok(kinds);
        }
        if !made.has_body {
            kinds.push(format!("{} HEAD", head.status));
            return Ok(kinds);
        }
        let body = reader.body(&head, true).await?;
        kinds.push(of_http(&head, &body)?);
    }
    if kinds.is_empty() {
        kinds.push("hung up".to_owned());
    }
    Ok(kinds)
}

fn authorization(target: &Target, random: &mut StdRng) -> String {
    match random.random_range(0..100) {
        0..80 => format!("Authorization: Bearer {}\r\n", target.token),
        80..88 => String::new(),
        _ => {
            let broken = ["", "Bearer", "Bearer ", "Basic Og==", "Bearer hws_", "Bearer \u{1f6a2}", "bearer x y z"];
            format!("Authorization: {}\r\n", choose(random, &broken))
        }
    }
}

fn may_last(bytes: &[u8]) -> bool {
    bytes.windows(12).any(|it| it == b"subscription")
}

fn joined(head: String, body: &[u8]) -> Made {
    let may_last = may_last(body);
    let bytes = [head.as_bytes(), b"\r\n", body].concat();
    Made { bytes, is_whole: true, has_body: true, may_last }
}

/// A good request with a broken operation in it.
fn post(target: &Target, good: &Good, random: &mut StdRng) -> Made {
    let body = body(good, random);
    let accept = choose(random, &[ACCEPTS[1], ACCEPTS[2], ACCEPTS[3], ACCEPTS[9]]);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nAccept: {accept}\r\nContent-Length: {}\r\n",
        target.address,
        authorization(target, random),
        body.len(),
    );
    joined(head, &body)
}

/// A broken operation in the address.
fn get(target: &Target, good: &Good, random: &mut StdRng) -> Made {
    let parameters = parameters(good, random);
    let mut query = String::new();
    let fields = parameters.as_object().cloned().unwrap_or_default();
    for (name, value) in fields {
        let mut text = match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        // An address has its limits too; what lies beyond them is asked rarely, as it is one answer for all.
        if text.len() > 3_000 && chance(random, 90) {
            text = text.chars().take(3_000).collect();
        }
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(&name);
        query.push('=');
        query.extend(byte_serialize(text.as_bytes()));
    }
    match random.random_range(0..10) {
        0 => query.push_str(choose(
            random,
            &["&query=", "&query={viewer{isSession}}", "&=&&==", "&variables=%7B", "&a=%", "&query=%ff%fe"],
        )),
        1 => query.insert_str(1.min(query.len()), choose(random, &["%", "%00", "%zz", "+", "#", ";"])),
        _ => {}
    }
    let preflight = if chance(random, 60) { "GraphQL-Require-Preflight: 1\r\n" } else { "" };
    let head = format!(
        "GET /graphql{query} HTTP/1.1\r\nHost: {}\r\n{}{preflight}Accept: {}\r\n",
        target.address,
        authorization(target, random),
        choose(random, &[ACCEPTS[1], ACCEPTS[2], ACCEPTS[3], ACCEPTS[9]]),
    );
    // What the address says may be a subscription, spelled in whatever way.
    Made { may_last: true, ..joined(head, b"") }
}

/// Odd headers and methods around an operation that may be good.
fn odd(target: &Target, good: &Good, random: &mut StdRng) -> Made {
    let body = match chance(random, 50) {
        true => serde_json::json!({ "query": good.text, "variables": good.variables }).to_string().into_bytes(),
        false => body(good, random),
    };
    let method = if chance(random, 60) { "POST" } else { choose(random, &METHODS) };
    let mut head =
        format!("{method} /graphql HTTP/1.1\r\nHost: {}\r\n{}", target.address, authorization(target, random));
    if chance(random, 90) {
        head += &format!("Content-Type: {}\r\n", choose(random, &TYPES));
    }
    if chance(random, 80) {
        head += &format!("Accept: {}\r\n", choose(random, &ACCEPTS));
    }
    if chance(random, 30) {
        let odd = [
            "Content-Encoding: gzip",
            "Content-Encoding: nonsense",
            "Accept-Encoding: gzip;q=x, br, *;q=0",
            "Accept-Charset: utf-7",
            "Origin: null",
            "Origin: https://elsewhere.example",
            "Origin: \u{1f6a2}",
            "Cookie: a=b; ; =; hawser=\u{1}",
            "Last-Event-ID: nonsense",
            "Last-Event-ID: \u{1f6a2}",
            "X-Request-Id: \u{1f6a2}",
            "Expect: 200-ok",
            "Idempotency-Key: ",
            "Sec-Fetch-Site: cross-site",
            "Range: bytes=-",
        ];
        head += &format!("{}\r\n", choose(random, &odd));
    }
    if chance(random, 5) {
        head += &format!("X-Long: {}\r\n", "h".repeat(choose(random, &[100, 1_000, 10_000])));
    }
    head += &format!("Content-Length: {}\r\n", body.len());
    Made { has_body: method != "HEAD", ..joined(head, &body) }
}

/// Requests whose bytes break HTTP itself: over a connection of their own, read to its end.
fn bytes(target: &Target, good: &Good, random: &mut StdRng) -> Made {
    let Made { mut bytes, has_body, .. } = match chance(random, 30) {
        true => odd(target, good, random),
        false => post(target, good, random),
    };
    let length = bytes.windows(4).position(|it| it == b"\r\n\r\n").map_or(0, |at| bytes.len() - at - 4);
    let swap = |bytes: &mut Vec<u8>, with: String| {
        let right = format!("Content-Length: {length}\r\n");
        if let Some(at) = bytes.windows(right.len()).position(|it| it == right.as_bytes()) {
            bytes.splice(at..at + right.len(), with.into_bytes());
        }
    };
    match random.random_range(0..10) {
        0 => bytes.truncate(random.random_range(0..bytes.len())),
        1 => (0..random.random_range(1..10)).for_each(|_| spoil_bytes(&mut bytes, random)),
        2 => {
            let wrong = length as i64 + random.random_range(-40..40_i64);
            swap(&mut bytes, format!("Content-Length: {wrong}\r\n"));
        }
        3 => {
            let wrong = ["-1", "x", "18446744073709551616", "999999999", "1, 2", "0x10", " ", "+5"];
            swap(&mut bytes, format!("Content-Length: {}\r\n", choose(random, &wrong)));
        }
        4 => swap(&mut bytes, format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 1)),
        5 => swap(&mut bytes, format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n")),
        6 => {
            swap(&mut bytes, "Transfer-Encoding: chunked\r\n".to_owned());
            let body = bytes.split_off(bytes.len() - length);
            bytes.extend(chunked(&body, random));
        }
        7 => swap(&mut bytes, "Transfer-Encoding: gzip, chunked, identity\r\n".to_owned()),
        8 => {
            let more = post(target, good, random).bytes;
            bytes.extend(more);
        }
        _ => bytes = noise(random, 4_000),
    }
    if chance(random, 5) {
        bytes.extend(anything(random).to_string().bytes());
    }
    // Whether the first answer has a body depends on what the server takes the method for.
    let has_body = has_body && !bytes.windows(5).any(|it| it == b"HEAD ");
    Made { is_whole: false, has_body, may_last: true, bytes }
}

/// Chunks, good ones or such with lengths that are wrong.
fn chunked(body: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut all = Vec::new();
    for part in body.chunks(random.random_range(1..200)) {
        let length = match random.random_range(0..40) {
            0 => "zz".to_owned(),
            1 => format!("{:x}", part.len() + 1),
            2 => "ffffffffffffffff1".to_owned(),
            3 => "-1".to_owned(),
            4 => format!("{:x};extension=\"", part.len()),
            _ => format!("{:x}", part.len()),
        };
        all.extend(format!("{length}\r\n").bytes());
        all.extend(part);
        all.extend(if chance(random, 99) { &b"\r\n"[..] } else { &b"\n"[..] });
    }
    all.extend(if chance(random, 90) { &b"0\r\n\r\n"[..] } else { &b"0\r\n"[..] });
    all
}
