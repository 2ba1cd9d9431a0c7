//! A reader of server-sent events that reads what was sent line by line, as browsers do.

use futures::{StreamExt, stream::BoxStream};
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde_json::Value;

/// One event.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub id: Option<String>,
    pub name: String,
    /// JSON, or null where the data is empty.
    pub data: Value,
}

/// An open stream.
pub struct Events {
    body: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    read: Vec<u8>,
}

impl Events {
    /// Sends the request, which has to be answered by a stream.
    pub async fn open(request: RequestBuilder) -> Self {
        let answer = request.header(header::ACCEPT, "text/event-stream").send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        Self::of(answer)
    }

    pub fn of(answer: Response) -> Self {
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().expect("a type");
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        Self { body: answer.bytes_stream().boxed(), read: Vec::new() }
    }

    /// The next event; `None` once the stream has ended. The server has 15 seconds.
    pub async fn next(&mut self) -> Option<Event> {
        let next = tokio::time::timeout(std::time::Duration::from_secs(15), self.read());
        next.await.expect("the server says something within 15 seconds")
    }

    async fn read(&mut self) -> Option<Event> {
        let (mut id, mut name, mut data) = (None, None, None::<String>);
        loop {
            let line = self.line().await?;
            match line.split_once(':') {
                // An empty line sends the event off, if it has data at all.
                None if line.is_empty() => match data.take() {
                    Some(data) => {
                        let name = name.expect("a name");
                        let data =
                            if data.is_empty() { Value::Null } else { serde_json::from_str(&data).expect("JSON") };
                        return Some(Event { id, name, data });
                    }
                    None => (id, name) = (None, None),
                },
                Some(("id", value)) => id = Some(value.trim_start().to_owned()),
                Some(("event", value)) => name = Some(value.trim_start().to_owned()),
                Some(("data", value)) => data = Some(value.trim_start().to_owned()),
                Some(("" | "retry", _)) => {}
                _ => panic!("a field that does not exist: {line}"),
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Some(String::from_utf8(line[..end].to_vec()).expect("UTF-8"));
            }
            self.read.extend_from_slice(&self.body.next().await?.expect("the stream does not break off"));
        }
    }
}
