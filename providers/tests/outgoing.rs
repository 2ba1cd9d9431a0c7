//! The outgoing client against a hand-fed server on loopback: redirects, tokens, sizes, times and broken answers.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up should stop")]

mod hand_fed;

use std::time::Duration;

use futures::StreamExt;
use hand_fed::{Server, redirect, reply};
use hawser_providers::http::{Client, Policy, Request};
use hawser_providers::{Error, ErrorKind};
use http::Method;
use secrecy::SecretString;
use tokio::net::TcpListener;
use url::Url;

fn client() -> Client {
    client_with(Policy { allow_loopback_http: true, ..Policy::default() })
}

fn client_with(policy: Policy) -> Client {
    Client::new(policy).expect("a client")
}

fn get(url: Url) -> Request {
    Request::new(Method::GET, url).bearer(&SecretString::from("ya29.top-secret"))
}

async fn kind_of(client: &Client, request: Request) -> ErrorKind {
    client.fetch(request, 1 << 20).await.expect_err("a refusal").kind
}

#[tokio::test]
async fn the_token_and_private_headers_stay_behind_when_a_redirect_leaves_the_origin() {
    let elsewhere = Server::start(|_| reply("200 OK", "", "bytes")).await;
    let target = elsewhere.url("/content").to_string();
    let home = Server::start(move |_| redirect(&target)).await;
    let request = get(home.url("/file")).header("x-goog-drive-resource-keys", "a/b").expect("a header").identity();
    let whole = client().fetch(request, 100).await.expect("bytes");
    assert_eq!(&whole.body[..], b"bytes");
    assert!(home.heads()[0].contains("ya29.top-secret") && home.heads()[0].contains("a/b"));
    let foreign = elsewhere.heads()[0].to_lowercase();
    assert!(!foreign.contains("authorization") && !foreign.contains("resource-keys"), "{foreign}");
    assert!(foreign.contains("accept-encoding: identity"), "{foreign}");
}

#[tokio::test]
async fn a_redirect_within_the_origin_keeps_the_token() {
    let home = Server::start(|path| match path {
        "/a" => redirect("/b"),
        _ => reply("200 OK", "", "ok"),
    })
    .await;
    client().fetch(get(home.url("/a")), 100).await.expect("bytes");
    assert!(home.heads()[1].contains("ya29.top-secret"));
}

#[tokio::test]
async fn redirects_end_after_three_and_never_lead_inside_or_to_strangers() {
    let circle = Server::start(|_| redirect("/again")).await;
    assert_eq!(kind_of(&client(), get(circle.url("/"))).await, ErrorKind::Malformed);
    assert_eq!(circle.heads().len(), 4);
    for target in [
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://www.example.com/",
        "https://user@www.googleapis.com/",
        "file:///etc/passwd",
    ] {
        let server = Server::start(move |_| redirect(target)).await;
        assert_eq!(kind_of(&client(), get(server.url("/"))).await, ErrorKind::AddressRefused, "{target}");
    }
}

#[tokio::test]
async fn a_redirected_write_is_not_repeated_elsewhere() {
    let server = Server::start(|_| redirect("/other")).await;
    let request = Request::new(Method::POST, server.url("/token")).body("text/plain", "secret");
    assert_eq!(kind_of(&client(), request).await, ErrorKind::Malformed);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn links_from_answers_reach_only_the_hosts_of_their_cloud() {
    const HOSTS: &[&str] = &[".googleusercontent.com"];
    let home: Url = "https://www.googleapis.com/".parse().expect("a url");
    for link in [
        "https://evil.example/x",
        "https://googleusercontent.com.evil.example/x",
        "https://evilgoogleusercontent.com/x",
        "https://.googleusercontent.com/x",
    ] {
        let Ok(url) = link.parse() else { continue };
        let request = get(url).within(&home, HOSTS);
        assert_eq!(kind_of(&client_with(Policy::default()), request).await, ErrorKind::AddressRefused, "{link}");
    }
}

#[tokio::test]
async fn without_the_sandbox_flag_plain_http_and_loopback_are_never_dialled() {
    let server = Server::start(|_| reply("200 OK", "", "inside")).await;
    let https = server.url("/").as_str().replace("http://", "https://");
    for url in [server.url("/"), https.parse().expect("a url")] {
        assert_eq!(kind_of(&client_with(Policy::default()), get(url)).await, ErrorKind::AddressRefused);
    }
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn an_answer_over_the_cap_is_refused_with_and_without_a_stated_length() {
    let server = Server::start(|path| match path {
        "/stated" => reply("200 OK", "", "x".repeat(5000)),
        _ => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(5000)).into_bytes(),
    })
    .await;
    for path in ["/stated", "/silent"] {
        let error = client().fetch(get(server.url(path)), 4999).await.expect_err(path);
        assert_eq!(error.kind, ErrorKind::TooLarge, "{path}");
        client().fetch(get(server.url(path)), 5000).await.expect(path);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_passing_trouble_for_whole_and_streamed_bodies() {
    let server = Server::start(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".to_vec()).await;
    assert_eq!(kind_of(&client(), get(server.url("/"))).await, ErrorKind::Unavailable);
    let answer = client().open(get(server.url("/"))).await.expect("a head");
    let chunks: Vec<Result<_, Error>> = answer.into_stream().collect().await;
    let last = chunks.into_iter().next_back().expect("a chunk").expect_err("an end that is no end");
    assert_eq!(last.kind, ErrorKind::Unavailable);
}

#[tokio::test]
async fn silence_ends_with_the_idle_time_and_a_slow_answer_with_the_whole_time() {
    let server = Server::start(|_| Vec::new()).await;
    let idle = Policy { allow_loopback_http: true, idle_timeout: Duration::from_millis(50), ..Policy::default() };
    assert_eq!(kind_of(&client_with(idle), get(server.url("/"))).await, ErrorKind::Unavailable);
    let total = Policy { allow_loopback_http: true, json_timeout: Duration::from_millis(50), ..Policy::default() };
    assert_eq!(kind_of(&client_with(total), get(server.url("/"))).await, ErrorKind::Unavailable);
}

#[tokio::test]
async fn failures_below_http_name_neither_address_nor_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let url = format!("http://{address}/path?sig=top-secret").parse().expect("a url");
    let error = client().fetch(get(url), 100).await.expect_err("nobody there");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("top-secret") && !shown.contains("ya29") && !shown.contains("path"), "{shown}");
}
