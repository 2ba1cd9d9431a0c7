//! Live data: a crowd of 300 whose sockets break and whose rights come and go, over 20,000 lines of the change log; and what
//! one change costs when 1,000 listen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use hawser_domain::document::{self, DocumentKind, Rename};
use hawser_tests::{
    Heard, House, Person, Socket,
    crowd::{self, Scale},
};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    figure::{Figures, Goal},
    start,
};

const LISTENERS: usize = 1_000;
/// Changes one after the other, so many a second.
const CHANGES: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(60);
const LISTEN: &str = "subscription { documentChanged { kind documentId document { name } } }";

pub async fn run(figures: &Figures) -> Result<()> {
    let scale = Scale { seed: 5, subscribers: 300, people: 30, events: 20_000, patience: 8 };
    let report = crowd::run(scale).await;
    figures.put("live.crowd.lines", report.lines as f64, "", Goal::AtLeast(20_000.0));
    figures.put("live.crowd.reconnects", report.reconnects as f64, "", Goal::None);
    figures.put("live.crowd.changes_of_rights", report.changes_of_rights as f64, "", Goal::None);
    figures.put("live.crowd.changes_heard", report.changes as f64, "", Goal::None);
    figures.put("live.crowd.seconds", report.seconds, "s", Goal::None);
    fan_out(figures, "live.same", 1).await?;
    fan_out(figures, "live.people", 100).await
}

/// `people` with as many sockets each as make up all listeners.
async fn fan_out(figures: &Figures, name: &str, people: usize) -> Result<()> {
    let house = House::with(|config| config.sockets_per_user = LISTENERS).await;
    house.leave_jobs();
    let served = house.serve().await;
    let (app, ann) = (&house.app, house.member("ann").await);
    let workspace = document::New { parent_id: None, kind: DocumentKind::Workspace, name: "Harbour".into() };
    let workspace = document::create(app, &ann.principal, workspace, None).await?;
    let mut listeners: Vec<Person> = Vec::new();
    for n in 0..people {
        let person = house.member(&format!("listener-{n}")).await;
        let grant = hawser_domain::acl::Grant {
            document_id: workspace.id,
            principal_id: person.id,
            permission: hawser_domain::acl::Permission::Read,
            expected_name_token: None,
        };
        hawser_domain::acl::grant(app, &ann.principal, grant, None).await?;
        listeners.push(person);
    }
    let before = start::own_memory()?;
    // When each name was given; listeners say how long ago that was when they hear it.
    let given: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let (told, mut heard) = mpsc::unbounded_channel();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..LISTENERS {
        let mut socket = served.socket().await;
        socket.sign_in(&listeners[n % people]).await;
        socket.subscribe("1", LISTEN, json!({})).await;
        // An answer to a query on the same socket: the subscription before it is under way.
        socket.subscribe("2", "{ __typename }", json!({})).await;
        while !matches!(socket.hear().await, Heard::Message(it) if it["id"] == "2" && it["type"] == "complete") {}
        tasks.spawn(listen(socket, given.clone(), told.clone()));
    }
    drop(told);
    let with_all = start::own_memory()?;
    let began = Instant::now();
    for n in 0..CHANGES {
        let new = format!("Harbour {n}");
        given.lock().unwrap_or_else(PoisonError::into_inner).insert(new.clone(), Instant::now());
        let rename = Rename { id: workspace.id, name: new, expected_name_token: None };
        document::rename(app, &ann.principal, rename, None).await?;
        tokio::time::sleep(PAUSE).await;
    }
    let mut latencies = Vec::with_capacity(LISTENERS * CHANGES);
    while latencies.len() < LISTENERS * CHANGES {
        let one = tokio::time::timeout(PATIENCE, heard.recv()).await.context("a listener misses a change")?;
        latencies.push(one.context("a listener is gone")?);
    }
    let seconds = began.elapsed().as_secs_f64();
    ensure!(latencies.len() == LISTENERS * CHANGES, "each hears each change once");
    figures.put(&format!("{name}.messages_per_second"), latencies.len() as f64 / seconds, "1/s", Goal::None);
    figures.spread(&format!("{name}.commit_to_arrival"), latencies, "ms");
    figures.put(&format!("{name}.memory_of_listeners"), with_all - before, "MB", Goal::None);
    figures.put(&format!("{name}.memory_of_changes"), start::own_memory()? - with_all, "MB", Goal::None);
    tasks.abort_all();
    Ok(())
}

/// Sends the milliseconds from each change to its arrival.
async fn listen(mut socket: Socket, given: Arc<Mutex<HashMap<String, Instant>>>, told: mpsc::UnboundedSender<f64>) {
    loop {
        let Heard::Message(message) = socket.hear_within(PATIENCE).await else { return };
        let Some(name) = message["payload"]["data"]["documentChanged"]["document"]["name"].as_str() else { continue };
        let then = given.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if let Some(then) = then
            && told.send(then.elapsed().as_secs_f64() * 1000.0).is_err()
        {
            return;
        }
    }
}
