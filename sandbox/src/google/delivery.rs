//! Carries push messages to their addresses: in order per channel, again after 500, 502, 503 and 504, lost after any other refusal.
//! Messages that pile up behind a slow receiver are thinned out; the numbers then show gaps, as the vendor's do.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use reqwest::{Client, StatusCode};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::world::channel::Channel;
use crate::{clock, shared::Shared};

const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub struct Message {
    pub channel: Channel,
    pub state: &'static str,
    pub changed: Option<&'static str>,
}

pub async fn run(shared: Arc<Shared>, mut messages: UnboundedReceiver<Message>) {
    let Ok(client) = Client::builder()
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
    else {
        tracing::error!("no HTTP client: push messages will not be delivered");
        return;
    };
    let mut channels: HashMap<String, UnboundedSender<Message>> = HashMap::new();
    while let Some(message) = messages.recv().await {
        if !shared.push_enabled.load(Ordering::SeqCst) {
            continue;
        }
        let lane = channels.entry(message.channel.id.clone()).or_insert_with(|| {
            let (sender, receiver) = unbounded_channel();
            actix_web::rt::spawn(lane(shared.clone(), client.clone(), receiver));
            sender
        });
        // A lane ends only with the runtime.
        let _ = lane.send(message);
    }
}

async fn lane(shared: Arc<Shared>, client: Client, mut messages: UnboundedReceiver<Message>) {
    let mut kept: Option<Message> = None;
    loop {
        let mut message = match kept.take() {
            Some(message) => message,
            None => match messages.recv().await {
                Some(message) => message,
                None => return,
            },
        };
        while message.state == "change" {
            match messages.try_recv() {
                Ok(newer) if newer.state == "change" => message = newer,
                Ok(other) => {
                    kept = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        let arrived = deliver(&client, &message).await;
        let counter = if arrived { &shared.pushes_delivered } else { &shared.pushes_lost };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

async fn deliver(client: &Client, message: &Message) -> bool {
    let mut wait = FIRST_WAIT;
    for _ in 0..ATTEMPTS {
        match request(client, message).send().await.map(|response| response.status()) {
            Ok(status) if status.is_success() || status == StatusCode::PROCESSING => return true,
            Ok(status) if [500, 502, 503, 504].contains(&status.as_u16()) => {}
            Ok(_) => return false,
            Err(error) if error.is_connect() => return false,
            Err(_) => {}
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    false
}

fn request(client: &Client, message: &Message) -> reqwest::RequestBuilder {
    let channel = &message.channel;
    let mut request = client
        .post(&channel.address)
        .header("User-Agent", "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)")
        .header("Content-Length", "0")
        .header("X-Goog-Channel-ID", &channel.id)
        .header("X-Goog-Message-Number", channel.number)
        .header("X-Goog-Resource-ID", &channel.resource_id)
        .header("X-Goog-Resource-State", message.state)
        .header("X-Goog-Resource-URI", &channel.resource_uri)
        .header("X-Goog-Channel-Expiration", clock::http_date(channel.expires));
    if let Some(token) = &channel.token {
        request = request.header("X-Goog-Channel-Token", token);
    }
    if let Some(changed) = message.changed {
        request = request.header("X-Goog-Changed", changed);
    }
    request
}
