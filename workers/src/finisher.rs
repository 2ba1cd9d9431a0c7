//! Records the ends of jobs that left no effects of their own: many in one commit when many end at once.
//! A run whose end is lost with the process is run again, which such jobs bear.

use std::{sync::Arc, time::Duration};

use hawser_domain::{
    App,
    job::{self, Claimed, Outcome},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// Ends recorded in one commit at most.
const BATCH: usize = 256;

#[derive(Debug, Clone)]
pub struct Finisher(mpsc::Sender<(Claimed, Outcome)>);

impl Finisher {
    /// The task ends once every clone of the finisher is gone and all ends are recorded.
    pub fn start(app: Arc<App>) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(4 * BATCH);
        (Self(sender), tokio::spawn(record(app, receiver)))
    }

    pub async fn end(&self, job: Claimed, outcome: Outcome) {
        if self.0.send((job, outcome)).await.is_err() {
            tracing::error!("the end of a job could not be recorded; its lease will run out and it will run again");
        }
    }
}

async fn record(app: Arc<App>, mut receiver: mpsc::Receiver<(Claimed, Outcome)>) {
    let mut ended = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut ended, BATCH).await > 0 {
        while let Err(error) = job::finish_many(&app, &ended).await {
            tracing::error!(%error, jobs = ended.len(), "cannot record the end of jobs, trying again");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        ended.clear();
    }
}
