//! What can be done later: one variant per kind, with all it needs to begin. Payloads name ids, never secrets or state.

use hawser_entity::job::JobClass;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Reads a feed from its cursor to its end and applies what it says.
    PollFeed { feed_id: Uuid },
    /// Reads one document's file anew.
    RefreshDocument { document_id: Uuid },
    /// Keeps the cloud's picture of a file as a blob.
    FetchThumbnail { document_id: Uuid },
    /// Reads a document's content: text, metadata, and a picture where the cloud draws none.
    ExtractText { document_id: Uuid },
    /// Draws a picture of a document's content where the cloud draws none.
    MakeThumbnail { document_id: Uuid },
    /// Opens a push channel for a feed, or a new one before the old one ends.
    RenewChannel { feed_id: Uuid },
    /// Builds the search index anew.
    RebuildIndex {},
    /// Does nothing but leave a line in the audit: shows that the path of a job works, and how fast.
    Probe { note: bool },
    /// Takes so long, then leaves a line in the audit: shows what long work does to other work.
    Drill { millis: u32 },
}

impl Work {
    /// Every kind's word, as stored, listed and filtered by.
    pub const KINDS: [&'static str; 9] = [
        "poll_feed",
        "refresh_document",
        "fetch_thumbnail",
        "extract_text",
        "make_thumbnail",
        "renew_channel",
        "rebuild_index",
        "probe",
        "drill",
    ];

    pub fn kind(&self) -> &'static str {
        match self {
            Work::PollFeed { .. } => "poll_feed",
            Work::RefreshDocument { .. } => "refresh_document",
            Work::FetchThumbnail { .. } => "fetch_thumbnail",
            Work::ExtractText { .. } => "extract_text",
            Work::MakeThumbnail { .. } => "make_thumbnail",
            Work::RenewChannel { .. } => "renew_channel",
            Work::RebuildIndex {} => "rebuild_index",
            Work::Probe { .. } => "probe",
            Work::Drill { .. } => "drill",
        }
    }

    pub fn class(&self) -> JobClass {
        match self {
            Work::RefreshDocument { .. } => JobClass::Interactive,
            Work::PollFeed { .. } | Work::RenewChannel { .. } => JobClass::Sync,
            Work::Probe { .. } | Work::Drill { .. } => JobClass::Sync,
            Work::FetchThumbnail { .. } | Work::ExtractText { .. } | Work::MakeThumbnail { .. } => JobClass::Heavy,
            Work::RebuildIndex {} => JobClass::Heavy,
        }
    }

    /// Runs that end in passing trouble, before the job is given up.
    pub fn max_attempts(&self) -> i32 {
        match self {
            Work::PollFeed { .. } | Work::RenewChannel { .. } => 20,
            Work::RefreshDocument { .. } | Work::FetchThumbnail { .. } => 8,
            Work::ExtractText { .. } | Work::MakeThumbnail { .. } => 8,
            Work::RebuildIndex {} | Work::Probe { .. } | Work::Drill { .. } => 3,
        }
    }

    /// Two waiting jobs with the same key would do the same thing.
    pub fn unique_key(&self) -> Option<String> {
        match self {
            Work::PollFeed { feed_id } => Some(format!("poll_feed:{feed_id}")),
            Work::RefreshDocument { document_id } => Some(format!("refresh_document:{document_id}")),
            Work::FetchThumbnail { document_id } => Some(format!("fetch_thumbnail:{document_id}")),
            Work::ExtractText { document_id } => Some(format!("extract_text:{document_id}")),
            Work::MakeThumbnail { document_id } => Some(format!("make_thumbnail:{document_id}")),
            Work::RenewChannel { feed_id } => Some(format!("renew_channel:{feed_id}")),
            Work::RebuildIndex {} => Some("rebuild_index".to_owned()),
            Work::Probe { .. } | Work::Drill { .. } => None,
        }
    }
}
