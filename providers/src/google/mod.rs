//! Google Drive, API version 3.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{
    Access, Account, ByteRange, Capability, ChangePage, CloudFile, Consent, ConsentRequest, Download, Endpoints, Error,
    Feature, Grant, Link, Listing, Page, Place, Provider, ProviderKind, Result, Settings, http::Client,
};

/// Google's published addresses. `api_url` is the root above `drive/v3/`, `upload/drive/v3/` and `batch/drive/v3`.
pub fn endpoints() -> Endpoints {
    Endpoints {
        authorization_url: "https://accounts.google.com/o/oauth2/v2/auth".into(),
        token_url: "https://oauth2.googleapis.com/token".into(),
        revoke_url: Some("https://oauth2.googleapis.com/revoke".into()),
        api_url: "https://www.googleapis.com/".into(),
    }
}

pub fn default_scopes() -> Vec<String> {
    vec!["https://www.googleapis.com/auth/drive".into()]
}

pub fn capability(feature: Feature) -> Capability {
    match feature {
        Feature::Download
        | Feature::Search
        | Feature::Thumbnail
        | Feature::Preview
        | Feature::Pdf
        | Feature::Text
        | Feature::AppLinks
        | Feature::Revisions
        | Feature::Pin
        | Feature::ChangesFeed
        | Feature::Push
        | Feature::SharedDrives
        | Feature::RevokeGrant => Capability::Native,
    }
}

/// One configured Google Drive provider.
#[derive(Debug, Clone)]
pub struct Google {
    #[allow(dead_code)]
    settings: Settings,
    #[allow(dead_code)]
    http: Client,
}

impl Google {
    pub fn new(settings: Settings, http: Client) -> Self {
        Self { settings, http }
    }
}

fn not_yet<T>() -> Result<T> {
    Err(Error::unsupported("this call"))
}

#[async_trait]
impl Provider for Google {
    fn kind(&self) -> ProviderKind {
        ProviderKind::GoogleDrive
    }
    fn authorize(&self, _: &ConsentRequest) -> Result<String> {
        not_yet()
    }
    async fn exchange(&self, _: &Consent) -> Result<Grant> {
        not_yet()
    }
    async fn refresh(&self, _: &SecretString) -> Result<Grant> {
        not_yet()
    }
    async fn revoke(&self, _: &SecretString) -> Result<()> {
        not_yet()
    }
    async fn check_client(&self, _: &str) -> Result<()> {
        not_yet()
    }
    async fn account(&self, _: &Access) -> Result<Account> {
        not_yet()
    }
    async fn browse(&self, _: &Access, _: &Place, _: &Listing) -> Result<Page<CloudFile>> {
        not_yet()
    }
    async fn file(&self, _: &Access, _: &str, _: Option<&str>) -> Result<CloudFile> {
        not_yet()
    }
    async fn files(&self, _: &Access, _: &[(String, Option<String>)]) -> Result<Vec<Result<CloudFile>>> {
        not_yet()
    }
    async fn download(&self, _: &Access, _: &CloudFile, _: Option<ByteRange>) -> Result<Download> {
        not_yet()
    }
    fn links(&self, _: &CloudFile) -> Vec<Link> {
        Vec::new()
    }
    async fn open_feed(&self, _: &Access, _: Option<&str>) -> Result<String> {
        not_yet()
    }
    async fn changes(&self, _: &Access, _: Option<&str>, _: &str) -> Result<ChangePage> {
        not_yet()
    }
}
