//! From the cloud's answer to an edit until the subscriber hears of it: through the cloud's push, the webhook, the job,
//! the poll, the change log and the WebSocket, with the real server and the real workers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::{change, channel, content, job},
    job::Work,
};
use hawser_tests::{Heard, Socket};
use hawser_workers::{Slots, Workers};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    figure::Figures,
    scene::{PLAIN, Scene},
};

const EDITS: usize = 200;
const FILES: usize = 20;
const PATIENCE: Duration = Duration::from_secs(20);

/// Where one edit's time went, in milliseconds.
#[derive(Default)]
struct Spans {
    whole: Vec<f64>,
    push: Vec<f64>,
    claim: Vec<f64>,
    poll: Vec<f64>,
    tell: Vec<f64>,
}

pub async fn run(figures: &Figures) -> Result<()> {
    let scene = Scene::set().await?;
    let app = &scene.house.app;
    let served = scene.house.serve().await;
    let workers = Workers::start(app.clone(), Slots::spread(app.config.worker_slots));
    let ids = scene.files(FILES, "file-", PLAIN).await?;
    scene.link(&ids).await?;
    opened(&scene).await?;
    let mut socket = served.socket().await;
    socket.sign_in(&scene.ann).await;
    socket.subscribe("1", "subscription { documentChanged { kind document { name } } }", json!({})).await;
    // An answer to a query on the same socket: the subscription before it is under way.
    socket.subscribe("2", "{ __typename }", json!({})).await;
    while next(&mut socket).await?["id"] != "2" {}

    let mut spans = Spans::default();
    for n in 0..EDITS {
        let id = &ids[n % FILES];
        scene.cloud.control.edit_text(id, &format!("edit {n}\n")).await?;
        let (edited, began) = (app.clock.now(), Instant::now());
        hear_of(&mut socket, &format!("file-{}.txt", n % FILES)).await?;
        let whole = began.elapsed().as_secs_f64() * 1000.0;
        let heard = app.clock.now();
        spans.whole.push(whole);
        split(&scene, id, edited, heard, &mut spans).await?;
        settled(&scene).await?;
    }
    workers.stop().await;
    figures.spread("latency.edit_to_message", spans.whole, "ms");
    println!("  of which, by the times in the rows:");
    figures.spread("latency.cloud_push_and_webhook", spans.push, "ms");
    figures.spread("latency.wait_for_a_worker", spans.claim, "ms");
    figures.spread("latency.read_the_feed", spans.poll, "ms");
    figures.spread("latency.commit_and_tell", spans.tell, "ms");
    Ok(())
}

/// The push channel is open: its first message has come, or will find the row.
async fn opened(scene: &Scene) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let open = channel::Entity::find().filter(channel::Column::ResourceId.is_not_null());
        if open.one(scene.house.app.database.read()).await?.is_some() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("the push channel was not opened")
}

/// No job is under way, so that the next edit is measured alone.
async fn settled(scene: &Scene) -> Result<()> {
    let began = Instant::now();
    let left = || job::Entity::find().filter(job::Column::State.is_in([job::JobState::Queued, job::JobState::Running]));
    while left().one(scene.house.app.database.read()).await?.is_some() {
        ensure!(began.elapsed() < PATIENCE, "jobs are left over");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Waits until the socket tells that the document of this name has other bytes.
async fn hear_of(socket: &mut Socket, name: &str) -> Result<()> {
    loop {
        let message = next(socket).await?;
        let change = &message["payload"]["data"]["documentChanged"];
        if change["document"]["name"] == name && change["kind"] == "CONTENT" {
            return Ok(());
        }
    }
}

async fn next(socket: &mut Socket) -> Result<Value> {
    match socket.hear().await {
        Heard::Message(message) => {
            ensure!(message["payload"].get("errors").is_none(), "{message}");
            Ok(message)
        }
        Heard::Closed(code) => bail!("the socket closed with {code}"),
    }
}

/// The rows tell when the push became a job, when a worker took it, and when its effect was written.
async fn split(
    scene: &Scene,
    remote_id: &str,
    edited: DateTime<Utc>,
    heard: DateTime<Utc>,
    spans: &mut Spans,
) -> Result<()> {
    let db = scene.house.app.database.read();
    let content = content::Entity::find().filter(content::Column::RemoteId.eq(remote_id)).one(db).await?;
    let document: Uuid = content.context("the file is linked")?.document_id;
    let line = change::Entity::find()
        .filter(change::Column::SubjectId.eq(document))
        .order_by_desc(change::Column::Seq)
        .one(db)
        .await?
        .context("the change is in the log")?;
    let kind = Work::PollFeed { feed_id: Uuid::nil() }.kind();
    let job = job::Entity::find()
        .filter(job::Column::Kind.eq(kind))
        .filter(job::Column::StartedAt.lte(line.at))
        .order_by_desc(job::Column::Id)
        .one(db)
        .await?
        .context("a poll made the change")?;
    let started = job.started_at.context("the poll has begun")?;
    ensure!(line.at >= edited - chrono::Duration::seconds(1), "the change is older than the edit");
    for (span, from, to) in [
        (&mut spans.push, edited, job.created_at),
        (&mut spans.claim, job.created_at, started),
        (&mut spans.poll, started, line.at),
        (&mut spans.tell, line.at, heard),
    ] {
        span.push((to - from).num_microseconds().unwrap_or_default() as f64 / 1000.0);
    }
    Ok(())
}
