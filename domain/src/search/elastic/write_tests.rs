//! What is made of each answer to a bulk request, by a server that says what it is told to.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};
use uuid::Uuid;

use super::{
    Elastic,
    write::{Target, bulk, put},
};
use crate::search::fault::Fault;

/// Gives one answer to each request, in order, and hands on what was sent.
async fn server(answers: Vec<(u16, Value)>) -> (Elastic, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sent, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for (status, answer) in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            let body = loop {
                let mut some = [0; 4096];
                let count = socket.read(&mut some).await.unwrap();
                read.extend_from_slice(&some[..count]);
                let text = String::from_utf8_lossy(&read).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
                });
                if body.len() >= length.unwrap_or_default() {
                    break body.to_owned();
                }
            };
            sent.send(body).unwrap();
            let answer = answer.to_string();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
            let whole = format!("{head}content-length: {}\r\n\r\n{answer}", answer.len());
            socket.write_all(whole.as_bytes()).await.unwrap();
        }
    });
    (Elastic::new(&url.into(), "hawser", Uuid::nil()).unwrap(), received)
}

fn items(statuses: &[u16]) -> (u16, Value) {
    let one = |status: &u16| match status {
        200..=299 => json!({ "index": { "status": status } }),
        status => json!({ "index": { "status": status, "error": { "type": "t", "reason": "r" } } }),
    };
    (200, json!({ "errors": true, "items": statuses.iter().map(one).collect::<Vec<_>>() }))
}

fn ids(sent: &str) -> Vec<String> {
    let lines = sent.lines().step_by(2).map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["index"]["_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_document_is_judged_by_itself() {
    let answers = vec![items(&[201, 429, 503, 409, 400]), (429, json!({})), items(&[200, 200]), items(&[200])];
    let (elastic, mut received) = server(answers).await;
    let all = ["new", "busy", "away", "old", "bad"].map(|id| put(id, 7, &json!({ "name": "n" })));
    let refused = bulk(&elastic, Target::Alias("docs"), all.into()).await.unwrap();
    assert_eq!(refused, 1);
    assert_eq!(ids(&received.recv().await.unwrap()).len(), 5);
    assert_eq!(ids(&received.recv().await.unwrap()), ["busy", "away"], "only what may yet be taken is sent again");
    assert_eq!(ids(&received.recv().await.unwrap()), ["busy", "away"], "also when the request as a whole was too much");
    let bare = received.recv().await.unwrap();
    assert_eq!(ids(&bare), ["bad"]);
    let lines: Vec<Value> = bare.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["index"]["version"], 7);
    assert_eq!(lines[0]["index"]["version_type"], "external_gte");
    assert_eq!(lines[1], json!({ "deleted": true, "refused": true, "id": "bad" }));
}

#[tokio::test]
async fn an_alias_that_is_gone_is_an_index_to_be_built() {
    let missing = json!({ "index": { "status": 404, "error": { "type": "index_not_found_exception", "reason": "no such index" } } });
    let (elastic, _received) = server(vec![(200, json!({ "errors": true, "items": [missing] }))]).await;
    let fault = bulk(&elastic, Target::Alias("docs"), vec![put("a", 1, &json!({}))]).await.unwrap_err();
    assert!(matches!(fault, Fault::Index(_)), "{fault}");
}
