//! The feature table as a type: what each cloud does itself, what Hawser does in its place, what nobody does.

use serde::{Deserialize, Serialize};

/// Who performs a feature for files of a cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Capability {
    /// The cloud does it.
    Native,
    /// Hawser does it from the file's bytes.
    Platform,
    /// Nobody does.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Feature {
    Download,
    Search,
    Thumbnail,
    Preview,
    Pdf,
    Text,
    AppLinks,
    Revisions,
    Pin,
    ChangesFeed,
    Push,
    SharedDrives,
    RevokeGrant,
}

impl Feature {
    pub const ALL: [Feature; 13] = [
        Feature::Download,
        Feature::Search,
        Feature::Thumbnail,
        Feature::Preview,
        Feature::Pdf,
        Feature::Text,
        Feature::AppLinks,
        Feature::Revisions,
        Feature::Pin,
        Feature::ChangesFeed,
        Feature::Push,
        Feature::SharedDrives,
        Feature::RevokeGrant,
    ];
}
