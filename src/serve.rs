//! `serve`, `api`, `worker`: the server, the workers, or both, until told to stop.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
};

use actix_web::dev::ServerHandle;
use anyhow::Context;
use hawser_api::Engine;
use hawser_domain::{App, app::Ambient};
use hawser_workers::{Slots, Workers};

use crate::{setup, telemetry};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Both,
    Api,
    Worker,
}

pub async fn run(config: Option<&Path>, part: Part) -> anyhow::Result<()> {
    let config = setup::config(config)?;
    let telemetry = telemetry::start(&config)?;
    // Before anything is made: a port in use is the commonest fault of all.
    let listener = (part != Part::Worker).then(|| bind(config.bind)).transpose()?;
    let operations = config.operations_bind.map(bind_operations).transpose()?;
    let app = setup::open(config, Ambient::default()).await?;
    let operations = operations.map(|listener| hawser_api::operations(app.clone(), listener)).transpose()?;
    let operations = operations.map(|server| (server.handle(), tokio::spawn(server)));
    setup::tell_password(&app, setup::first_admin(&app).await?.as_ref());
    let news = tokio::spawn(hawser_domain::change::follow(app.clone()));
    let uses = tokio::spawn(hawser_domain::persisted_operation::follow(app.clone()));
    let workers = (part != Part::Api).then(|| Workers::start(app.clone(), Slots::spread(app.config.worker_slots)));
    let server = listener.map(|listener| listen_on(&app, listener)).transpose()?;
    tracing::info!(url = format!("{}/graphql", app.config.public_url()), ?part, "ready");
    until_told_to_stop().await;
    app.readiness.leave();
    if let Some(server) = server {
        server.stop(true).await;
    }
    if let Some(workers) = workers {
        workers.stop().await;
    }
    news.abort();
    uses.abort();
    // Whatever it was about to write is left to the last time.
    let _ = uses.await;
    hawser_domain::persisted_operation::write_uses(&app).await?;
    // It tells to the last that this process is leaving.
    if let Some((handle, _)) = operations {
        handle.stop(false).await;
    }
    telemetry.end().await;
    Ok(())
}

fn bind_operations(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("operations_bind: cannot listen on {address}"))
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("bind: cannot listen on {address}"))
}

/// The front door, open.
pub struct Front {
    engine: Engine,
    handle: ServerHandle,
}

impl Front {
    /// Tells those who have sockets open to come again, and closes: at once, or after the requests that are running.
    pub async fn stop(self, patiently: bool) {
        self.engine.presence().leave();
        self.handle.stop(patiently).await;
    }
}

/// Opens the front door on a listener that is bound already.
pub fn listen_on(app: &Arc<App>, listener: TcpListener) -> anyhow::Result<Front> {
    let engine = Engine::new(app.clone());
    let server = hawser_api::server(engine.clone(), listener)?;
    let handle = server.handle();
    tokio::spawn(server);
    Ok(Front { engine, handle })
}

/// Ctrl-C or SIGTERM.
pub async fn until_told_to_stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
