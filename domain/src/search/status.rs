//! How the index is, for operators.

use super::engine::Progress;
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
    pub segments: u64,
    pub bytes: u64,
    /// Where in the change log it has come to.
    pub position: i64,
}

/// # Errors
/// `Database`.
pub async fn status(app: &App) -> Result<Status> {
    let head = change::head(app).await?.seq;
    let (index, building) = app.search.standing().await?;
    Ok(Status { index, head, building })
}
