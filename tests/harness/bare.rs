//! A client of WebSockets that does nothing by itself: it answers no ping, reads only what it is asked to, and sends
//! whatever bytes it is given, good frames or not.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Bare {
    stream: TcpStream,
    /// The head of the server's answer.
    pub head: String,
    bytes: Vec<u8>,
}

impl Bare {
    /// Opens with these lines in the head of the request.
    pub async fn open(url: &str, lines: &[&str]) -> Self {
        let address = url.strip_prefix("http://").expect("an address of this machine");
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let mut bare = Self { stream, head: String::new(), bytes: Vec::new() };
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{lines}\r\n"
        );
        bare.send(request.as_bytes()).await;
        let end = loop {
            match bare.bytes.windows(4).position(|it| it == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => assert!(bare.read().await, "no answer to the request"),
            }
        };
        bare.head = String::from_utf8(bare.bytes.drain(..end).collect()).expect("text").to_ascii_lowercase();
        bare
    }

    /// Opens as the protocol wants it.
    pub async fn speaking(url: &str) -> Self {
        Self::open(url, &["Sec-WebSocket-Protocol: graphql-transport-ws"]).await
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server takes it");
    }

    /// A frame: its first byte says whether it is the last of its message, and of what kind.
    pub async fn frame(&mut self, head: u8, payload: &[u8]) {
        let mut bytes = vec![head];
        match payload.len() {
            length @ 0..126 => bytes.push(0x80 | length as u8),
            length @ 126..0x1_0000 => {
                bytes.push(0x80 | 126);
                bytes.extend_from_slice(&(length as u16).to_be_bytes());
            }
            length => {
                bytes.push(0x80 | 127);
                bytes.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        // A mask of zeros changes nothing.
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(payload);
        self.send(&bytes).await;
    }

    pub async fn say(&mut self, text: &str) {
        self.frame(0x81, text.as_bytes()).await;
    }

    /// The next frame: its first byte and what it carries; `None` when the server hung up. It has 15 seconds.
    pub async fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        let heard = tokio::time::timeout(std::time::Duration::from_secs(15), self.next()).await;
        heard.expect("the server says something within 15 seconds")
    }

    /// The code the server closes with; what it says before is passed over.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.hear().await {
                Some((0x88, payload)) => return payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)),
                Some(_) => {}
                None => return 1006,
            }
        }
    }

    async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((head, begin, end)) = self.first_frame() {
                let payload = self.bytes[begin..end].to_vec();
                self.bytes.drain(..end);
                return Some((head, payload));
            }
            if !self.read().await {
                return None;
            }
        }
    }

    fn first_frame(&self) -> Option<(u8, usize, usize)> {
        let bytes = &self.bytes;
        let (begin, length) = match *bytes.get(1)? {
            126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?),
            length => (2, usize::from(length)),
        };
        (bytes.len() >= begin + length).then(|| (bytes[0], begin, begin + length))
    }

    async fn read(&mut self) -> bool {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).await.unwrap_or(0);
        self.bytes.extend_from_slice(&chunk[..count]);
        count > 0
    }
}
