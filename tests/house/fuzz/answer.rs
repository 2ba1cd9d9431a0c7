//! What an answer has to be, whatever was asked: its bytes complete, its JSON GraphQL's, its errors with a code that is
//! not the server's fault.

use std::time::Duration;

use serde_json::Value;
use tokio::{io::AsyncReadExt, net::TcpStream};

/// How long the server may take to say something, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// The head of an HTTP answer.
#[derive(Debug)]
pub struct Head {
    pub status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn is_stream(&self) -> bool {
        self.header("content-type").is_some_and(|it| it.starts_with("text/event-stream"))
    }
}

/// A connection and what came over it that nobody has looked at yet.
pub struct Reader {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Reader {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// More bytes; `false` at the end.
    async fn more(&mut self) -> Result<bool, String> {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
        match read.map_err(|_| format!("silence for {} s", PATIENCE.as_secs()))? {
            Ok(count) => Ok(count > 0),
            // Who is not heard out closes with what was not read still on its way.
            Err(_) => Ok(false),
        }
    }

    /// So many bytes; `None` when it ends before.
    pub async fn take(&mut self, count: usize) -> Result<Option<Vec<u8>>, String> {
        while self.buffer.len() < count {
            if !self.more().await? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer.drain(..count).collect()))
    }

    async fn until(&mut self, end: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let mut looked = 0;
        loop {
            let found = self.buffer[looked..].windows(end.len()).position(|it| it == end);
            if let Some(at) = found {
                return self.take(looked + at + end.len()).await;
            }
            looked = self.buffer.len().saturating_sub(end.len() - 1);
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    /// The head of the next answer; `None` when there is none. Interim ones are passed over.
    pub async fn head(&mut self) -> Result<Option<Head>, String> {
        loop {
            let Some(bytes) = self.until(b"\r\n\r\n").await? else {
                return match self.buffer.is_empty() {
                    true => Ok(None),
                    false => Err(format!("half a head: {:?}", String::from_utf8_lossy(&self.buffer))),
                };
            };
            let text = String::from_utf8(bytes).map_err(|_| "a head that is no text")?;
            let mut lines = text.trim_end().split("\r\n");
            let line = lines.next().unwrap_or_default();
            let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
            let status = status.ok_or_else(|| format!("no status: {line:?}"))?;
            let pair = |line: &str| {
                let (name, value) = line.split_once(':').ok_or_else(|| format!("no header: {line:?}"))?;
                Ok::<_, String>((name.to_ascii_lowercase(), value.trim().to_owned()))
            };
            let headers = lines.map(pair).collect::<Result<_, _>>()?;
            if status != 100 {
                return Ok(Some(Head { status, headers }));
            }
        }
    }

    /// The whole body that goes with the head.
    pub async fn body(&mut self, head: &Head, has_body: bool) -> Result<Vec<u8>, String> {
        if !has_body || matches!(head.status, 101 | 204 | 304) {
            return Ok(Vec::new());
        }
        if head.header("transfer-encoding").is_some_and(|it| it.eq_ignore_ascii_case("chunked")) {
            return self.chunks().await;
        }
        match head.header("content-length").map(str::parse) {
            Some(Ok(length)) => self.take(length).await?.ok_or_else(|| "half a body".to_owned()),
            Some(Err(_)) => Err("a length that is no number".to_owned()),
            None => {
                while self.more().await? {}
                Ok(std::mem::take(&mut self.buffer))
            }
        }
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, String> {
        let mut all = Vec::new();
        loop {
            let line = self.until(b"\r\n").await?.ok_or("the chunks broke off")?;
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            let length = usize::from_str_radix(&line, 16).map_err(|_| format!("no length of a chunk: {line:?}"))?;
            let chunk = self.take(length + 2).await?.ok_or("half a chunk")?;
            if length == 0 {
                return Ok(all);
            }
            all.extend_from_slice(&chunk[..length]);
        }
    }
}

/// What stands in for the answer in the tally: the status, and the code of its first error.
pub fn of_http(head: &Head, body: &[u8]) -> Result<String, String> {
    let status = head.status;
    if status >= 500 {
        return Err(format!("{status}: {}", String::from_utf8_lossy(body)));
    }
    let media = head.header("content-type").unwrap_or_default();
    if status >= 400 && media.starts_with("application/json") {
        return Err(format!("{status} as application/json, where clients would not look for errors"));
    }
    if head.is_stream() {
        return of_stream(body).map(|code| format!("{status} stream {code}"));
    }
    if !media.contains("json") {
        return Ok(format!("{status} {}", media.split(';').next().unwrap_or_default()));
    }
    let json: Value = serde_json::from_slice(body).map_err(|error| format!("{status}, and no JSON: {error}"))?;
    if status >= 400 && json["errors"].as_array().is_none_or(Vec::is_empty) {
        return Err(format!("{status} without errors: {json}"));
    }
    of_graphql(&json).map(|code| format!("{status} {code}"))
}

/// Events one after the other, each with a name and JSON, `complete` at the end.
fn of_stream(body: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(body).map_err(|_| "a stream that is no text")?;
    let mut last = String::new();
    for event in text.split("\n\n").filter(|it| !it.trim().is_empty()) {
        let field = |name: &str| event.lines().find_map(|line| Some(line.strip_prefix(name)?.trim()));
        match field("event:") {
            Some("next") => {
                let data = field("data:").unwrap_or_default();
                let json = serde_json::from_str(data).map_err(|error| format!("{error} in {event:?}"))?;
                last = of_graphql(&json)?;
            }
            Some("complete") => return Ok(last),
            Some(_) => return Err(format!("an event of another name: {event:?}")),
            None if event.lines().all(|line| line.starts_with([':', 'r', 'i'])) => {}
            None => return Err(format!("an event without a name: {event:?}")),
        }
    }
    Err(format!("a stream without an end: {text:?}"))
}

/// An answer of GraphQL: `data`, or errors with a message and a code. Gives the first code, or `data`.
pub fn of_graphql(json: &Value) -> Result<String, String> {
    let fields = json.as_object().ok_or_else(|| format!("no object: {json}"))?;
    if let Some(key) = fields.keys().find(|key| !["data", "errors", "extensions"].contains(&key.as_str())) {
        return Err(format!("a key that GraphQL does not know: {key}"));
    }
    let Some(errors) = fields.get("errors") else {
        return fields.contains_key("data").then(|| "data".to_owned()).ok_or_else(|| format!("nothing in it: {json}"));
    };
    of_errors(errors)
}

pub fn of_errors(errors: &Value) -> Result<String, String> {
    let errors = errors.as_array().filter(|it| !it.is_empty()).ok_or_else(|| format!("no errors: {errors}"))?;
    for error in errors {
        let code = error["extensions"]["code"].as_str().ok_or_else(|| format!("no code: {error}"))?;
        if error["message"].as_str().is_none_or(str::is_empty) {
            return Err(format!("no message: {error}"));
        }
        if code == "INTERNAL_SERVER_ERROR" {
            return Err(format!("the server's own fault: {error}"));
        }
    }
    Ok(errors[0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}
