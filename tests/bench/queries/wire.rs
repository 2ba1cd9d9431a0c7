//! A client that costs next to nothing: one request made beforehand, sent over kept connections, answers counted. What it
//! takes of the processor is not measured as the server's.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// What came of a run.
pub struct Rate {
    pub per_second: f64,
    /// Milliseconds of each request.
    pub latencies: Vec<f64>,
    /// Bytes of one answer.
    pub bytes: usize,
}

/// The request as it travels.
pub fn request(address: SocketAddr, token: Option<&str>, query: &str) -> Vec<u8> {
    let body = json!({ "query": query }).to_string();
    let sign_in = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
         {sign_in}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One answer, parsed: to see that it is the right one.
pub async fn once(address: SocketAddr, request: &[u8]) -> Result<Value> {
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    Ok(serde_json::from_slice(&ask(&mut stream, request).await?)?)
}

/// Asks over `connections` at a time: first to warm up, then for `time`.
pub async fn rate(address: SocketAddr, request: &[u8], connections: usize, time: Duration) -> Result<Rate> {
    let warm = Instant::now() + time / 4;
    let end = warm + time;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let request = request.to_vec();
        clients.spawn(async move {
            let mut stream = BufReader::new(TcpStream::connect(address).await?);
            let (mut latencies, mut bytes) = (Vec::new(), 0);
            loop {
                let began = Instant::now();
                if began >= end {
                    return anyhow::Ok((latencies, bytes));
                }
                bytes = ask(&mut stream, &request).await?.len();
                if began >= warm {
                    latencies.push(began.elapsed().as_secs_f64() * 1000.0);
                }
            }
        });
    }
    let (mut latencies, mut bytes) = (Vec::new(), 0);
    while let Some(client) = clients.join_next().await {
        let (of_one, size) = client??;
        latencies.extend(of_one);
        bytes = size;
    }
    Ok(Rate { per_second: latencies.len() as f64 / time.as_secs_f64(), latencies, bytes })
}

async fn ask(stream: &mut BufReader<TcpStream>, request: &[u8]) -> Result<Vec<u8>> {
    stream.get_mut().write_all(request).await?;
    let (mut line, mut length, mut is_first) = (String::new(), None, true);
    loop {
        line.clear();
        ensure!(stream.read_line(&mut line).await? > 0, "the server closed the connection");
        if is_first {
            ensure!(line.starts_with("HTTP/1.1 200"), "not the answer that is measured: {line}");
            is_first = false;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let mut body = vec![0; length.context("an answer without a length")?];
    stream.read_exact(&mut body).await?;
    Ok(body)
}
