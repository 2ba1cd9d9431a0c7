//! `search status` and `search reindex`: how the search index is, and building it anew.

use std::{path::Path, time::Duration};

use anyhow::bail;
use clap::Subcommand;
use hawser_domain::{
    App, Error,
    app::Ambient,
    entity::job::JobState,
    search::{self, Progress},
};

use crate::{say, setup, telemetry};

/// How often a server that builds is asked how far it is.
const ASK: Duration = Duration::from_millis(250);

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Says what the index holds and how far it is behind.
    Status,
    /// Builds the index anew from the database; searches go on meanwhile.
    #[command(visible_alias = "rebuild")]
    Reindex,
}

pub async fn run(config: Option<&Path>, task: Task) -> anyhow::Result<()> {
    telemetry::logs("warn");
    let app = setup::open(setup::config(config)?, Ambient::default()).await?;
    match task {
        Task::Status => status(&app).await,
        Task::Reindex => reindex(&app).await,
    }
}

async fn status(app: &App) -> anyhow::Result<()> {
    let status = search::status(app).await?;
    match status.index {
        Some(index) => {
            say(&format!("index      {}", index.name));
            say(&format!("documents  {}", index.documents));
            say(&format!("segments   {}", index.segments));
            say(&format!("bytes      {}", index.bytes));
            say(&format!("position   {} of {} in the change log", index.position, status.head));
        }
        None => say("index      none; a server builds it when it starts, or `hawser search reindex`"),
    }
    if let Some(Progress { done, of }) = status.building {
        say(&format!("building   {done} of {of} documents"));
    }
    Ok(())
}

async fn reindex(app: &App) -> anyhow::Result<()> {
    match search::rebuild(app, &tell).await {
        Ok(_) => {}
        // A server has the index: it is told to do it.
        Err(Error::WrongState { .. }) => order(app).await?,
        Err(error) => return Err(error.into()),
    }
    status(app).await
}

async fn order(app: &App) -> anyhow::Result<()> {
    say("a server writes the index; it is told to build it anew");
    let id = search::order_rebuild(app).await?;
    let mut every = tokio::time::interval(ASK);
    let mut last = None;
    loop {
        every.tick().await;
        let row = search::ordered(app, id).await?;
        match row.state {
            JobState::Done => return Ok(()),
            JobState::Queued | JobState::Running => {}
            state => bail!("the job ended as {state:?}: {}", row.error.unwrap_or_default()),
        }
        let building = search::status(app).await?.building;
        if building != last {
            building.into_iter().for_each(tell);
            last = building;
        }
    }
}

fn tell(progress: Progress) {
    say(&format!("{} of {} documents", progress.done, progress.of));
}
