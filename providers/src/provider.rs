//! The one contract that every cloud fulfils. Beyond the basics a method answers `Unsupported` until a cloud overrides it.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AppLink, ChangePage, CloudFile, Consent, ConsentRequest, Download, Drive, Error, Grant, Link, Listing,
    Page, Place, ProviderKind, Push, Result, Revision, Thumbnail, Watch, WatchRequest,
};

/// Where a cloud lives. Every address can be overridden, so a test cloud can stand in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    pub authorization_url: String,
    pub token_url: String,
    pub revoke_url: Option<String>,
    /// Root of the API, ending in a slash.
    pub api_url: String,
}

/// One configured provider.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Our provider id: the outer key of the rate buckets.
    pub provider_id: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub scopes: Vec<String>,
    pub endpoints: Endpoints,
}

/// In whose name a call is made.
#[derive(Debug, Clone)]
pub struct Access {
    /// Our connection id: the inner key of the rate buckets.
    pub connection_id: String,
    pub token: SecretString,
}

/// Bytes `start..=end`; an absent `end` means to the end of the file (RFC 9110 section 14.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    From {
        start: u64,
        end: Option<u64>,
    },
    /// The last so many bytes.
    Suffix(u64),
}

#[async_trait]
pub trait Provider: Send + Sync + std::fmt::Debug {
    fn kind(&self) -> ProviderKind;

    /// The address of the consent page.
    fn authorize(&self, request: &ConsentRequest) -> Result<String>;
    async fn exchange(&self, consent: &Consent) -> Result<Grant>;
    async fn refresh(&self, refresh_token: &SecretString) -> Result<Grant>;
    /// Ends the grant at the cloud. A grant the cloud no longer knows counts as ended.
    async fn revoke(&self, token: &SecretString) -> Result<()>;
    /// Asks the token endpoint something it must refuse, to learn whether it believes the client id and secret.
    async fn check_client(&self, redirect_uri: &str) -> Result<()>;

    async fn account(&self, access: &Access) -> Result<Account>;
    async fn browse(&self, access: &Access, place: &Place, listing: &Listing) -> Result<Page<CloudFile>>;
    /// Full-text and name search over everything the account may see.
    async fn search(&self, _: &Access, _query: &str, _: &Listing) -> Result<Page<CloudFile>> {
        Err(Error::unsupported("search"))
    }
    async fn drives(&self, _: &Access, _: &Listing) -> Result<Page<Drive>> {
        Err(Error::unsupported("a list of shared drives"))
    }
    async fn file(&self, access: &Access, id: &str, resource_key: Option<&str>) -> Result<CloudFile>;
    /// Many files at once: one result per id, in the order asked, in as few calls as the cloud allows.
    async fn files(&self, access: &Access, ids: &[(String, Option<String>)]) -> Result<Vec<Result<CloudFile>>>;

    /// The bytes; native documents answer `Unsupported` (use `export`).
    async fn download(&self, access: &Access, file: &CloudFile, range: Option<ByteRange>) -> Result<Download>;
    /// A native document in another form, whatever its size.
    async fn export(&self, _: &Access, _file: &CloudFile, _mime_type: &str) -> Result<Download> {
        Err(Error::unsupported("export"))
    }
    /// About `edge` pixels on the longer side.
    async fn thumbnail(&self, _: &Access, _file: &CloudFile, _edge: u32) -> Result<Thumbnail> {
        Err(Error::unsupported("a thumbnail"))
    }
    async fn pdf(&self, _: &Access, _file: &CloudFile) -> Result<Download> {
        Err(Error::unsupported("PDF"))
    }
    /// Plain text made by the cloud, for native documents.
    async fn text(&self, _: &Access, _file: &CloudFile) -> Result<Download> {
        Err(Error::unsupported("text"))
    }
    /// View, embed and download links; made from the file's metadata, never by creating a share.
    fn links(&self, file: &CloudFile) -> Vec<Link>;
    async fn app_links(&self, _: &Access, _file: &CloudFile) -> Result<Vec<AppLink>> {
        Err(Error::unsupported("app links"))
    }

    async fn revisions(&self, _: &Access, _file_id: &str, _: &Listing) -> Result<Page<Revision>> {
        Err(Error::unsupported("revisions"))
    }
    async fn download_revision(&self, _: &Access, _file_id: &str, _revision: &str) -> Result<Download> {
        Err(Error::unsupported("revision download"))
    }
    /// Keeps a revision for good. Irreversible at some clouds: call only on a user's word.
    async fn pin(&self, _: &Access, _file_id: &str, _revision: &str) -> Result<Revision> {
        Err(Error::unsupported("pinning"))
    }

    /// A cursor at "now", for the user's feed or one shared drive's.
    async fn open_feed(&self, access: &Access, drive_id: Option<&str>) -> Result<String>;
    async fn changes(&self, access: &Access, drive_id: Option<&str>, cursor: &str) -> Result<ChangePage>;
    async fn watch(
        &self,
        _: &Access,
        _drive_id: Option<&str>,
        _cursor: &str,
        _request: &WatchRequest,
    ) -> Result<Watch> {
        Err(Error::unsupported("push"))
    }
    /// A channel the cloud no longer knows counts as stopped.
    async fn unwatch(&self, _: &Access, _channel_id: &str, _resource_id: &str) -> Result<()> {
        Err(Error::unsupported("push"))
    }
    /// Reads a push request's headers; `None` when they are not this cloud's.
    fn read_push(&self, _header: &dyn Fn(&str) -> Option<String>) -> Option<Push> {
        None
    }
}
