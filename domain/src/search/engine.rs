//! Which engine a house has, and what both do: follow the change log, be built anew, and be looked at in one state.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use uuid::Uuid;

use super::{
    ask::{Collected, Wanted},
    elastic::{self, Elastic, Marked},
    embedded,
    fault::Fault,
    find::Look,
    status::Standing,
};
use crate::{App, Error, Result, change::Position};

/// Clones share it. Making it touches neither disk nor network.
#[derive(Debug, Clone)]
pub enum Engine {
    Embedded(embedded::Engine),
    Elastic(Elastic),
}

/// A state of the index.
pub enum View {
    Embedded(embedded::View),
    Elastic(Elastic, Marked),
}

/// What following has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caught {
    /// Where the index stands; none while there is none.
    pub position: Option<Position>,
    /// Documents written or taken out.
    pub documents: u64,
    /// Whether this process is the one that writes.
    pub is_writer: bool,
}

/// Where following has come to this time.
pub(super) struct Followed {
    pub at: Position,
    /// Documents.
    pub written: u64,
    /// The log no longer reaches back that far, or it is another's.
    pub expired: bool,
}

/// Where one process at a time sits and writes the index. Whoever holds it keeps others of the process from it.
pub(super) trait Chair {
    /// Sits down, or stays. False: another process sits there.
    async fn sit_down(&mut self, app: &App) -> Result<bool, Fault>;

    /// Where the index in use stands; none while there is none.
    async fn position(&self) -> Result<Option<Position>, Fault>;

    /// Brings the index in use up to the head of the log.
    ///
    /// # Errors
    /// `Fault::Index` when it has to be built anew.
    async fn follow(&mut self, app: &App) -> Result<Followed, Fault>;

    /// Builds an index from the database and puts it to use. Returns how many documents were written.
    async fn build(&mut self, app: &App, tell: &(dyn Fn(Progress) + Sync)) -> Result<u64, Fault>;
}

/// How far a building has come, in documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    /// As counted at the beginning.
    pub of: u64,
}

impl Engine {
    pub fn embedded(folder: PathBuf) -> Self {
        Self::Embedded(embedded::Engine::new(folder))
    }

    /// `holder` is this process among those that share it.
    ///
    /// # Errors
    /// `Config` when the URL is none.
    pub fn elastic(url: &SecretString, prefix: &str, holder: Uuid) -> Result<Self> {
        Ok(Self::Elastic(Elastic::new(url, prefix, holder)?))
    }

    /// Whether the engine answered when it was asked last.
    pub fn is_up(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Elastic(elastic) => elastic.is_up(),
        }
    }

    /// The latest state of the index in use; none while there is none.
    pub(super) async fn view(&self) -> Result<Option<View>, Fault> {
        match self {
            Self::Embedded(engine) => {
                let engine = engine.clone();
                Ok(tokio::task::spawn_blocking(move || engine.view()).await?.map(View::Embedded))
            }
            Self::Elastic(elastic) => Ok(elastic.marked().await?.map(|marked| View::Elastic(elastic.clone(), marked))),
        }
    }

    /// The index in use, and how far one that is being built has come.
    pub(super) async fn standing(&self) -> Result<(Option<Standing>, Option<Progress>), Fault> {
        match self {
            Self::Embedded(engine) => {
                let engine = engine.clone();
                Ok(tokio::task::spawn_blocking(move || (engine.standing(), engine.progress())).await?)
            }
            Self::Elastic(elastic) => elastic.standing().await,
        }
    }

    pub(super) fn lag(&self) -> &super::rights::Known {
        match self {
            Self::Embedded(engine) => &engine.lag,
            Self::Elastic(elastic) => &elastic.lag,
        }
    }
}

impl View {
    /// Where in the log it has come to, or earlier; never later.
    pub fn position(&self) -> Position {
        match self {
            Self::Embedded(view) => view.mark.position(),
            Self::Elastic(_, marked) => marked.mark.position(),
        }
    }

    /// What is found, and what may have been meant where nothing is.
    pub(super) async fn look(self, look: Look, wanted: Wanted) -> Result<(Collected, Option<String>), Fault> {
        match self {
            Self::Embedded(view) => tokio::task::spawn_blocking(move || embedded::look(&view, look, &wanted)).await?,
            Self::Elastic(elastic, _) => Box::pin(elastic::look(&elastic, look, wanted)).await,
        }
    }
}

/// Brings the index up to the head of the log, or builds it where there is none that could be. Where another process
/// writes, there is nothing to do but look.
///
/// # Errors
/// `Database`, `Blob`; `SearchUnavailable` when the engine does not answer; `Internal` when the index can be neither written
/// nor built.
pub async fn catch_up(app: &App) -> Result<Caught> {
    Ok(match &app.search {
        Engine::Embedded(engine) => follow(app, &mut engine.chair().await).await?,
        Engine::Elastic(elastic) => Box::pin(follow(app, &mut elastic.chair().await)).await?,
    })
}

async fn follow(app: &App, chair: &mut impl Chair) -> Result<Caught, Fault> {
    if !chair.sit_down(app).await? {
        return Ok(Caught { position: chair.position().await?, documents: 0, is_writer: false });
    }
    let mut documents = 0;
    loop {
        let why = match chair.follow(app).await {
            Ok(Followed { at, written, expired: false }) => {
                documents += written;
                return Ok(Caught { position: Some(at), documents, is_writer: true });
            }
            Ok(Followed { written, .. }) => {
                documents += written;
                "its place in the change log is gone".to_owned()
            }
            Err(Fault::Index(why)) => why,
            Err(fault) => return Err(fault),
        };
        tracing::info!(why, "the search index is built anew");
        documents += chair.build(app, &|_| {}).await?;
    }
}

/// Builds the index anew, whatever state it is in, and follows the log to its head.
///
/// # Errors
/// `WrongState` when another process writes the index; else as `catch_up`.
pub async fn rebuild(app: &App, tell: &(dyn Fn(Progress) + Sync)) -> Result<Caught> {
    Ok(match &app.search {
        Engine::Embedded(engine) => build(app, &mut engine.chair().await, tell).await?,
        Engine::Elastic(elastic) => Box::pin(build(app, &mut elastic.chair().await, tell)).await?,
    })
}

async fn build(app: &App, chair: &mut impl Chair, tell: &(dyn Fn(Progress) + Sync)) -> Result<Caught, Fault> {
    if !chair.sit_down(app).await? {
        return Err(Error::wrong_state("another process writes the search index").into());
    }
    chair.build(app, tell).await?;
    follow(app, chair).await
}

/// Takes what has been deleted for longer than this out of the index; returns how many documents.
///
/// # Errors
/// `SearchUnavailable`.
pub async fn purge(app: &App, age: Duration) -> Result<u64> {
    Ok(match &app.search {
        // It keeps nothing of what is deleted.
        Engine::Embedded(_) => 0,
        Engine::Elastic(elastic) => elastic::purge(app, elastic, age).await?,
    })
}
