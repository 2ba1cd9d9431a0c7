//! One request as the rooms see it, and the answer they give. No web framework beyond this file and `front.rs`,
//! so that a batch can call the same rooms again with an inner request.

use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded;

/// Where absolute URLs in answers point: back to the way the request came in.
#[derive(Debug, Clone)]
pub struct Base {
    pub scheme: String,
    /// The Host header, port included.
    pub host: String,
    /// `/google` when the vendor was named by path; empty when it was named by Host.
    pub prefix: &'static str,
}

impl Base {
    /// An absolute URL for `path` on the vendor's `host`, or on this server when it is addressed by prefix.
    pub fn url(&self, vendor_host: &str, path: &str) -> String {
        if self.prefix.is_empty() {
            format!("{}://{vendor_host}{path}", self.scheme)
        } else {
            format!("{}://{}{}{path}", self.scheme, self.host, self.prefix)
        }
    }
}

#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub base: Base,
    /// The vendor's path, without prefix, still percent-encoded.
    pub path: String,
    /// The same path, decoded, cut at slashes.
    pub segments: Vec<String>,
    pub query_text: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Call {
    pub fn new(method: &str, base: Base, target: &str, headers: Vec<(String, String)>, body: Bytes) -> Self {
        let (path, query_text) = target.split_once('?').unwrap_or((target, ""));
        let segments = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        Self {
            method: method.to_owned(),
            base,
            path: path.to_owned(),
            segments,
            query_text: query_text.to_owned(),
            query: form(query_text.as_bytes()),
            headers,
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.param(name).map_or(default, |value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    pub fn form(&self) -> Vec<(String, String)> {
        form(&self.body)
    }

    /// The JSON body; an empty one is an empty object, `None` is not JSON.
    pub fn json(&self) -> Option<Value> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Some(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&self.body).ok()
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        let header = self.header("cookie")?;
        header.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| decode(value))
        })
    }
}

pub fn form(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Percent-decodes one path segment; a plus sign stays a plus sign.
fn decode(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair =
            part.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(pair.unwrap_or(bytes[at]));
        at += if pair.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Google's rendering: two spaces, a newline at the end.
    pub fn json(status: u16, value: &Value) -> Self {
        let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
        Self::new(status, "application/json; charset=UTF-8", text)
    }

    pub fn compact(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json; charset=UTF-8", value.to_string() + "\n")
    }

    pub fn html(status: u16, text: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", text)
    }

    pub fn redirect(to: &str) -> Self {
        Self::empty(302).with("Location", to)
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Text made safe inside HTML, attributes included.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
