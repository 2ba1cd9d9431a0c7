//! Sessions over WebSocket that go wrong in every state of the protocol: at the handshake, before and after the first
//! message, with operations running.

use rand::{Rng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    Target,
    answer::{Reader, of_errors, of_graphql, of_http},
    broken::{anything, chance, choose, noise, parameters, spoil_bytes},
    frame::{self, Said, hear},
};

/// How far a session gets before it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Handshake,
    Opened,
    Admitted,
    Listening,
}

/// A whole session: everything sent after the handshake, and the kinds of answers or a fault.
pub async fn session(target: &Target, random: &mut StdRng) -> (Vec<u8>, Result<Vec<String>, String>) {
    let state = match random.random_range(0..20) {
        0 => State::Handshake,
        1..6 => State::Opened,
        6..15 => State::Admitted,
        _ => State::Listening,
    };
    let head = match state {
        State::Handshake => odd_handshake(target, random),
        _ => handshake(target, "Upgrade: websocket\r\n", "13", "graphql-transport-ws"),
    };
    let mut arranged = Vec::new();
    if matches!(state, State::Admitted | State::Listening) {
        arranged.push((greeting(target, random), "connection_ack"));
    }
    if state == State::Listening {
        arranged.push((listening(random), "next"));
    }
    let mut broken = Vec::new();
    // Frames that are in order can be followed by a ping, whose answer says that they were heard.
    let is_patient = chance(random, 50);
    for _ in 0..random.random_range(1..6) {
        let mut message = message(target, state, random).into_bytes();
        match is_patient {
            true => broken.push(frame::frame(frame::LAST | frame::TEXT, &message, random)),
            false => {
                if chance(random, 15) {
                    spoil_bytes(&mut message, random);
                }
                broken.push(frame::sent(&message, random));
            }
        }
    }
    let ping = is_patient.then(|| frame::text(r#"{"type":"ping"}"#, random));
    // Not every client says goodbye.
    if chance(random, 70) {
        broken.push(frame::close(random));
    }
    let session = Session { head, arranged, broken, ping };
    let came = session.talk(target, state).await;
    (session.all(), came.map_err(|fault| format!("{state:?}: {fault}")))
}

/// What a client will say, whatever it is answered.
struct Session {
    head: String,
    /// What it says as it should, and the type of the message that has to come.
    arranged: Vec<(Vec<u8>, &'static str)>,
    broken: Vec<Vec<u8>>,
    /// Sent behind each message by those who wait.
    ping: Option<Vec<u8>>,
}

impl Session {
    fn all(&self) -> Vec<u8> {
        let arranged = self.arranged.iter().map(|(bytes, _)| bytes.as_slice());
        let all = [self.head.as_bytes()].into_iter().chain(arranged).chain(self.broken.iter().map(Vec::as_slice));
        all.collect::<Vec<_>>().concat()
    }

    async fn talk(&self, target: &Target, state: State) -> Result<Vec<String>, String> {
        let stream = TcpStream::connect(&target.address).await.map_err(|error| format!("cannot connect: {error}"))?;
        let mut reader = Reader::new(stream);
        // Who is not heard out may be closed at any time; what the server has said until then still arrives.
        let _ = reader.stream.write_all(self.head.as_bytes()).await;
        let Some(answer) = reader.head().await? else { return Err("no answer to the handshake".to_owned()) };
        if answer.status != 101 {
            if state != State::Handshake {
                return Err(format!("a good handshake was answered with {}", answer.status));
            }
            if answer.is_stream() {
                return Ok(vec![format!("{} stream", answer.status)]);
            }
            let body = reader.body(&answer, true).await?;
            return of_http(&answer, &body).map(|kind| vec![kind]);
        }
        for (bytes, kind) in &self.arranged {
            let _ = reader.stream.write_all(bytes).await;
            expected(&mut reader, kind).await?;
        }
        let mut kinds = Vec::new();
        for bytes in &self.broken {
            let _ = reader.stream.write_all(bytes).await;
            let Some(ping) = &self.ping else { continue };
            let _ = reader.stream.write_all(ping).await;
            if !heard_until(&mut reader, "pong", &mut kinds).await? {
                return Ok(kinds);
            }
        }
        let _ = reader.stream.shutdown().await;
        heard_until(&mut reader, "the end", &mut kinds).await?;
        Ok(kinds)
    }
}

/// Reads until a message of this kind, or the end. Whether the socket is still open.
async fn heard_until(reader: &mut Reader, kind: &str, kinds: &mut Vec<String>) -> Result<bool, String> {
    loop {
        let heard = match hear(reader).await? {
            Said::Text(text) => of_message(&text)?,
            Said::Closed(code) => {
                kinds.push(closed(code)?);
                return Ok(false);
            }
            Said::Gone => {
                kinds.push("gone".to_owned());
                return Ok(false);
            }
        };
        let is_it = heard == kind;
        kinds.push(heard);
        if is_it {
            return Ok(true);
        }
    }
}

async fn expected(reader: &mut Reader, kind: &str) -> Result<(), String> {
    match hear(reader).await? {
        Said::Text(text) if of_message(&text)?.starts_with(kind) => Ok(()),
        other => Err(format!("instead of {kind} came {other:?}")),
    }
}

/// Codes that say what the client did wrong, or that the server will not have it now; none that says the server broke.
fn closed(code: u16) -> Result<String, String> {
    match code {
        1000..=1003 | 1005 | 1007..=1009 | 1012 | 1013 | 4400 | 4401 | 4403 | 4406 | 4408 | 4409 | 4429 | 4499 => {
            Ok(format!("closed {code}"))
        }
        _ => Err(format!("closed with {code}")),
    }
}

/// A message of the protocol, and what is in it.
fn of_message(text: &str) -> Result<String, String> {
    let message: Value = serde_json::from_str(text).map_err(|error| format!("{error} in {text:?}"))?;
    let kind = message["type"].as_str().ok_or_else(|| format!("a message without a type: {text}"))?;
    let inside = match kind {
        "next" => of_graphql(&message["payload"])?,
        "error" => of_errors(&message["payload"])?,
        "connection_ack" | "complete" | "ping" | "pong" => String::new(),
        _ => return Err(format!("a message of another type: {text}")),
    };
    if matches!(kind, "next" | "error" | "complete") && !message["id"].is_string() {
        return Err(format!("a message without an id: {text}"));
    }
    Ok(format!("{kind} {inside}").trim_end().to_owned())
}

fn handshake(target: &Target, upgrade: &str, version: &str, protocol: &str) -> String {
    format!(
        "GET /graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\n{upgrade}Sec-WebSocket-Version: {version}\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n",
        target.address,
    )
}

fn odd_handshake(target: &Target, random: &mut StdRng) -> String {
    let upgrade = choose(random, &["Upgrade: websocket\r\n", "Upgrade: WebSocket\r\n", "Upgrade: h2c\r\n", ""]);
    let version = choose(random, &["13", "12", "0", "x", ""]);
    let protocol = choose(
        random,
        &["graphql-transport-ws", "graphql-ws", "", ",,,", "graphql-ws, graphql-transport-ws", "\u{1f6a2}"],
    );
    let mut head = handshake(target, upgrade, version, protocol);
    if chance(random, 40) {
        let odd = [
            "Origin: null\r\n",
            "Origin: https://elsewhere.example\r\n",
            "Cookie: hawser=\u{1f6a2}\r\n",
            "Sec-WebSocket-Key: x\r\n",
        ];
        head.insert_str("GET /graphql HTTP/1.1\r\n".len(), choose(random, &odd));
    }
    if chance(random, 20) {
        head = head.replace("dGhlIHNhbXBsZSBub25jZQ==", choose(random, &["", "x", "%%%"]));
    }
    head
}

/// The first message, as it should be.
fn greeting(target: &Target, random: &mut StdRng) -> Vec<u8> {
    let payload = json!({ "authorization": format!("Bearer {}", target.token) });
    frame::text(&json!({ "type": "connection_init", "payload": payload }).to_string(), random)
}

/// An operation that goes on, as it should be. Its first answer comes at once.
fn listening(random: &mut StdRng) -> Vec<u8> {
    let query = "subscription { changes { cursor } }";
    frame::text(&json!({ "type": "subscribe", "id": "on", "payload": { "query": query } }).to_string(), random)
}

/// One message that is broken, or that does not belong here.
fn message(target: &Target, state: State, random: &mut StdRng) -> String {
    let good = target.good(random);
    let id = choose(random, &["1", "2", "on", "", "\u{0}", "\u{1f6a2}"]);
    if state == State::Opened && chance(random, 20) {
        return json!({ "type": "connection_init", "payload": init(random) }).to_string();
    }
    match random.random_range(0..100) {
        0..40 => json!({ "type": "subscribe", "id": id, "payload": parameters(good, random) }).to_string(),
        40..46 => json!({ "type": "subscribe", "id": id, "payload": { "query": good.text, "variables": good.variables } }).to_string(),
        46..52 => json!({ "type": "subscribe", "id": anything(random), "payload": anything(random) }).to_string(),
        52..56 => json!({ "type": "subscribe", "id": "x".repeat(choose(random, &[1_000, 100_000])), "payload": { "query": "{ __typename }" } }).to_string(),
        56..62 => json!({ "type": "complete", "id": choose(random, &["on", "1", "nobody", ""]) }).to_string(),
        62..68 => json!({ "type": choose(random, &["ping", "pong"]), "payload": anything(random) }).to_string(),
        68..74 => json!({ "type": "connection_init", "payload": init(random) }).to_string(),
        74..80 => json!({ "type": choose(random, &["next", "error", "connection_ack", "start", "stop", "ka", ""]), "id": "1", "payload": {} }).to_string(),
        80..84 => json!({ "type": anything(random), "id": anything(random) }).to_string(),
        84..88 => anything(random).to_string(),
        88..92 => format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        92..95 => flood(random),
        _ => String::from_utf8_lossy(&noise(random, 300)).into_owned(),
    }
}

fn init(random: &mut StdRng) -> Value {
    let key = choose(random, &["authorization", "Authorization", "AUTHORIZATION", "token"]);
    match random.random_range(0..4) {
        0 => anything(random),
        1 => json!({ key: anything(random) }),
        2 => {
            json!({ key: choose(random, &["Bearer", "Bearer ", "Bearer hws_nonsense", "Basic Og==", "", "\u{1f6a2}"]) })
        }
        _ => Value::Null,
    }
}

/// Whitespace, then a message: as long as one may be, or longer.
fn flood(random: &mut StdRng) -> String {
    " ".repeat(choose(random, &[10_000, 200_000, 262_000, 263_000])) + r#"{"type":"ping"}"#
}
