//! Starting and stopping: a sandbox lives on its own thread with its own runtime, so any caller's runtime will do.

use std::{net::SocketAddr, sync::Arc, thread};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::System, web};
use tokio::sync::{mpsc, oneshot};

use crate::{Error, front, google::delivery, shared::Shared};

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free port.
    pub bind: SocketAddr,
    /// Ids and tokens are drawn from this.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { bind: SocketAddr::from(([127, 0, 0, 1], 0)), seed: 1 }
    }
}

/// A sandbox that listens. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    url: String,
    handle: ServerHandle,
    ended: Option<oneshot::Receiver<()>>,
}

impl Running {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops listening and waits until the thread has ended.
    pub async fn stop(mut self) {
        drop(self.handle.stop(false));
        if let Some(ended) = self.ended.take() {
            // An error only says that the thread is gone already.
            let _ = ended.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Starts a sandbox with an empty world. Fails when the address cannot be bound.
pub async fn start(options: Options) -> Result<Running, Error> {
    let (ready, started) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || {
            System::new().block_on(serve(options, ready));
            let _ = end.send(());
        })
        .map_err(|error| Error::Start(error.to_string()))?;
    let (address, handle) = started.await.map_err(|_| Error::Start("its thread ended early".to_owned()))??;
    Ok(Running { url: format!("http://{address}"), handle, ended: Some(ended) })
}

type Ready = oneshot::Sender<Result<(SocketAddr, ServerHandle), Error>>;

async fn serve(options: Options, ready: Ready) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::new(options.seed, sender));
    let for_app = shared.clone();
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::from(for_app.clone())).default_service(web::to(front::door))
    })
    .workers(2)
    .shutdown_timeout(1)
    .disable_signals()
    .bind(options.bind);
    let server = match server {
        Ok(server) => server,
        Err(error) => {
            let _ = ready.send(Err(Error::Bind(error)));
            return;
        }
    };
    let address = server.addrs().first().copied().unwrap_or(options.bind);
    let server = server.run();
    let deliveries = actix_web::rt::spawn(delivery::run(shared, receiver));
    let _ = ready.send(Ok((address, server.handle())));
    if let Err(error) = server.await {
        tracing::error!(%error, "the sandbox server ended");
    }
    deliveries.abort();
}
