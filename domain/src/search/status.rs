//! How the index is, for operators.

use super::index::{Fault, Progress};
use crate::{App, Result, change};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// None while there is no index that can be read.
    pub index: Option<Standing>,
    /// The head of the change log.
    pub head: i64,
    /// Some process is building an index.
    pub building: Option<Progress>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub name: String,
    pub documents: u64,
    pub segments: usize,
    pub bytes: u64,
    /// Where in the change log it has come to.
    pub position: i64,
}

/// # Errors
/// `Database`.
pub async fn status(app: &App) -> Result<Status> {
    let head = change::head(app).await?.seq;
    let engine = app.search.clone();
    let (index, building) = tokio::task::spawn_blocking(move || {
        let index = engine.view().map(|view| {
            let name = engine.name().unwrap_or_default();
            Standing {
                documents: view.searcher.num_docs(),
                segments: view.searcher.segment_readers().len(),
                bytes: engine.size(&name),
                position: view.mark.seq,
                name,
            }
        });
        (index, engine.progress())
    })
    .await
    .map_err(Fault::from)?;
    Ok(Status { index, head, building })
}
