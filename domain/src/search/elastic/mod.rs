//! The engine that several processes share: Elasticsearch, behind two aliases. One process at a time follows the change log;
//! any of them searches. Nothing in it is precious: it is built anew from the database whenever it is missing.

mod client;
mod compile;
mod desk;
mod document;
mod follow;
mod line;
mod look;
mod mapping;
mod mark;
mod purge;
mod reindex;
mod seen;
mod suggest;
mod write;

#[cfg(test)]
mod write_tests;

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use self::{client::Client, desk::Desk};
pub use self::{look::look, mark::Marked, purge::purge};
use super::{engine::Progress, fault::Fault, status::Standing};
use crate::Result;

/// Clones share it.
#[derive(Debug, Clone)]
pub struct Elastic {
    client: Client,
    names: Arc<Names>,
    /// Of the mapping.
    version: String,
    /// This process, among those that could follow the log.
    holder: Uuid,
    desk: Arc<tokio::sync::Mutex<Desk>>,
    pub(super) lag: super::rights::Known,
}

#[derive(Debug)]
struct Names {
    /// The alias that is searched.
    read: String,
    /// The alias that is written to.
    write: String,
    /// The index that says who writes.
    desk: String,
}

impl Elastic {
    /// Does not connect yet.
    ///
    /// # Errors
    /// `Config` when the URL is none.
    pub fn new(url: &SecretString, prefix: &str, holder: Uuid) -> Result<Self> {
        let names =
            Names { read: format!("{prefix}-docs"), write: format!("{prefix}-docs-w"), desk: format!("{prefix}-desk") };
        Ok(Self {
            client: Client::new(url)?,
            names: Arc::new(names),
            version: mapping::version(),
            holder,
            desk: Arc::default(),
            lag: Arc::default(),
        })
    }

    pub(super) fn is_up(&self) -> bool {
        self.client.is_up()
    }

    /// The index in use; none while there is none.
    pub(super) async fn marked(&self) -> Result<Option<Marked>, Fault> {
        mark::read(self, &self.names.read).await
    }

    /// What is in use, and how far another one is built, for operators.
    pub(super) async fn standing(&self) -> Result<(Option<Standing>, Option<Progress>), Fault> {
        let building = desk::progress(self).await?;
        let Some(Marked { index, mark }) = self.marked().await? else { return Ok((None, building)) };
        let documents = self.count(&index).await?;
        let stats = self.client.get(&format!("/{index}/_stats/store,segments"), &[]).await?.good()?;
        let all = &stats["_all"]["primaries"];
        let standing = Standing {
            documents,
            segments: all["segments"]["count"].as_u64().unwrap_or_default(),
            bytes: all["store"]["size_in_bytes"].as_u64().unwrap_or_default(),
            position: mark.seq,
            name: index,
        };
        Ok((Some(standing), building))
    }

    /// Documents of an index that can be found.
    async fn count(&self, index: &str) -> Result<u64, Fault> {
        let live = json!({ "query": { "term": { "deleted": false } } });
        let counted = self.client.post(&format!("/{index}/_count"), &[], &live).await?.good()?;
        Ok(counted["count"].as_u64().unwrap_or_default())
    }
}
