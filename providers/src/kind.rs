//! The registry of clouds: one variant and one arm per cloud. The compiler names missing arms.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Capability, Endpoints, Feature, Provider, Settings, google, http::Client};

/// A cloud that Hawser speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProviderKind {
    GoogleDrive,
}

impl ProviderKind {
    pub const ALL: [ProviderKind; 1] = [ProviderKind::GoogleDrive];

    /// The stable word stored in the database and shown in URLs.
    pub fn word(self) -> &'static str {
        match self {
            ProviderKind::GoogleDrive => "google_drive",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The vendor's published addresses.
    pub fn endpoints(self) -> Endpoints {
        match self {
            ProviderKind::GoogleDrive => google::endpoints(),
        }
    }

    /// Where the sandbox at `base` (`http://127.0.0.1:PORT`) plays this cloud.
    pub fn sandbox_endpoints(self, base: &str) -> Endpoints {
        match self {
            ProviderKind::GoogleDrive => google::sandbox_endpoints(base),
        }
    }

    /// The scopes asked for when the administrator names none.
    pub fn default_scopes(self) -> Vec<String> {
        match self {
            ProviderKind::GoogleDrive => google::default_scopes(),
        }
    }

    /// What this cloud does itself.
    pub fn capability(self, feature: Feature) -> Capability {
        match self {
            ProviderKind::GoogleDrive => google::capability(feature),
        }
    }

    /// Builds the adapter for one configured provider.
    pub fn build(self, settings: Settings, http: Client) -> Arc<dyn Provider> {
        match self {
            ProviderKind::GoogleDrive => Arc::new(google::Google::new(settings, http)),
        }
    }
}
