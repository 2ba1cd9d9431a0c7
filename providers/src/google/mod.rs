//! Google Drive, API version 3: what it can do, and how its refusals read in our words (the table at the foot).
//! In come a configured provider and an access token; each room beside this file is one part of the conversation.

mod batch;
mod call;
mod content;
mod feed;
mod links;
mod listing;
mod oauth;
mod query;
mod thumbnail;
mod version;
mod wire;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use crate::{
    Access, Account, AppLink, ByteRange, Capability, ChangePage, CloudFile, Consent, ConsentRequest, Download, Drive,
    Endpoints, ErrorKind, Feature, Grant, Link, Listing, Page, Place, Provider, ProviderKind, Push, Result, Revision,
    Settings, Thumbnail, Watch, WatchRequest, http::Client,
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

/// The same addresses in a sandbox that serves every cloud below its own word; `base` is `http://127.0.0.1:PORT`.
pub fn sandbox_endpoints(base: &str) -> Endpoints {
    let base = base.trim_end_matches('/');
    Endpoints {
        authorization_url: format!("{base}/google/o/oauth2/v2/auth"),
        token_url: format!("{base}/google/token"),
        revoke_url: Some(format!("{base}/google/revoke")),
        api_url: format!("{base}/google/"),
    }
}

/// Everything is needed for pinning revisions; `drive.readonly` does for all the rest.
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
    settings: Settings,
    /// `None` when it cannot be read: every call then says so.
    api: Option<Url>,
    http: Client,
}

impl Google {
    pub fn new(settings: Settings, http: Client) -> Self {
        let api = Url::parse(&settings.endpoints.api_url).ok();
        Self { settings, api, http }
    }
}

#[async_trait]
impl Provider for Google {
    fn kind(&self) -> ProviderKind {
        ProviderKind::GoogleDrive
    }

    fn authorize(&self, request: &ConsentRequest) -> Result<String> {
        oauth::authorize(self, request)
    }

    async fn exchange(&self, consent: &Consent) -> Result<Grant> {
        oauth::exchange(self, consent).await
    }

    async fn refresh(&self, refresh_token: &SecretString) -> Result<Grant> {
        oauth::refresh(self, refresh_token).await
    }

    async fn revoke(&self, token: &SecretString) -> Result<()> {
        oauth::revoke(self, token).await
    }

    async fn check_client(&self, redirect_uri: &str) -> Result<()> {
        oauth::check_client(self, redirect_uri).await
    }

    async fn account(&self, access: &Access) -> Result<Account> {
        listing::account(self, access).await
    }

    async fn browse(&self, access: &Access, place: &Place, listing: &Listing) -> Result<Page<CloudFile>> {
        listing::browse(self, access, place, listing).await
    }

    async fn search(&self, access: &Access, words: &str, listing: &Listing) -> Result<Page<CloudFile>> {
        listing::search(self, access, words, listing).await
    }

    async fn drives(&self, access: &Access, listing: &Listing) -> Result<Page<Drive>> {
        listing::drives(self, access, listing).await
    }

    async fn file(&self, access: &Access, id: &str, resource_key: Option<&str>) -> Result<CloudFile> {
        listing::file::<wire::File>(self, access, id, resource_key, wire::FILE).await.map(Into::into)
    }

    async fn files(&self, access: &Access, ids: &[(String, Option<String>)]) -> Result<Vec<Result<CloudFile>>> {
        batch::files(self, access, ids).await
    }

    async fn download(&self, access: &Access, file: &CloudFile, range: Option<ByteRange>) -> Result<Download> {
        content::download(self, access, file, range).await
    }

    async fn export(&self, access: &Access, file: &CloudFile, mime_type: &str) -> Result<Download> {
        content::export(self, access, file, mime_type).await
    }

    async fn thumbnail(&self, access: &Access, file: &CloudFile, edge: u32) -> Result<Thumbnail> {
        thumbnail::thumbnail(self, access, file, edge).await
    }

    async fn pdf(&self, access: &Access, file: &CloudFile) -> Result<Download> {
        content::pdf(self, access, file).await
    }

    async fn text(&self, access: &Access, file: &CloudFile) -> Result<Download> {
        content::text(self, access, file).await
    }

    fn links(&self, file: &CloudFile) -> Vec<Link> {
        links::links(file)
    }

    async fn app_links(&self, access: &Access, file: &CloudFile) -> Result<Vec<AppLink>> {
        links::app_links(self, access, file).await
    }

    async fn revisions(&self, access: &Access, file_id: &str, listing: &Listing) -> Result<Page<Revision>> {
        version::revisions(self, access, file_id, listing).await
    }

    async fn download_revision(&self, access: &Access, file_id: &str, revision: &str) -> Result<Download> {
        content::revision(self, access, file_id, revision).await
    }

    async fn pin(&self, access: &Access, file_id: &str, revision: &str) -> Result<Revision> {
        version::pin(self, access, file_id, revision).await
    }

    async fn open_feed(&self, access: &Access, drive_id: Option<&str>) -> Result<String> {
        feed::open(self, access, drive_id).await
    }

    async fn changes(&self, access: &Access, drive_id: Option<&str>, cursor: &str) -> Result<ChangePage> {
        feed::changes(self, access, drive_id, cursor).await
    }

    async fn watch(
        &self,
        access: &Access,
        drive_id: Option<&str>,
        cursor: &str,
        request: &WatchRequest,
    ) -> Result<Watch> {
        feed::watch(self, access, drive_id, cursor, request).await
    }

    async fn unwatch(&self, access: &Access, channel_id: &str, resource_id: &str) -> Result<()> {
        feed::unwatch(self, access, channel_id, resource_id).await
    }

    fn read_push(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<Push> {
        feed::read_push(header)
    }
}

/// Drive's refusals in our words: the reason first, the status only when no reason is known (guide "Resolve errors").
fn classify(status: u16, reason: Option<&str>, message: &str) -> ErrorKind {
    match reason.unwrap_or_default() {
        "authError" | "required" if status == 401 => ErrorKind::AccessExpired,
        "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => ErrorKind::MissingScope,
        "rateLimitExceeded" | "userRateLimitExceeded" | "sharingRateLimitExceeded" => ErrorKind::RateLimited,
        "dailyLimitExceeded" | "quotaExceeded" => ErrorKind::QuotaExhausted,
        "notFound" | "teamDriveMembershipRequired" => ErrorKind::NotFound,
        "fileNotDownloadable" | "fileNotExportable" => ErrorKind::Unsupported,
        "exportSizeLimitExceeded" => ErrorKind::TooLarge,
        "accessNotConfigured" | "SERVICE_DISABLED" => ErrorKind::BadClient,
        "supportsTeamDrivesRequired" => ErrorKind::BadRequest,
        "backendError" | "internalError" if status >= 500 => ErrorKind::Unavailable,
        "badRequest" if message.contains("conversion is not supported") => ErrorKind::Unsupported,
        // insufficientFilePermissions, appNotAuthorizedToFile, domainPolicy, cannotDownloadFile, cannotExportFile,
        // download_restricted_for_revision, storageQuotaExceeded and what is yet to come go by their status.
        _ => by_status(status),
    }
}

fn by_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::AccessExpired,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        408 | 500.. => ErrorKind::Unavailable,
        413 => ErrorKind::TooLarge,
        416 => ErrorKind::RangeNotSatisfiable,
        429 => ErrorKind::RateLimited,
        400..500 => ErrorKind::BadRequest,
        _ => ErrorKind::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_refusal_has_its_kind() {
        use ErrorKind::*;
        for (status, reason, kind) in [
            (400, "badRequest", BadRequest),
            (400, "invalid", BadRequest),
            (400, "illegalKeepForeverModification", BadRequest),
            (400, "channelIdNotUnique", BadRequest),
            (400, "push.webhookUrlNotHttps", BadRequest),
            (401, "authError", AccessExpired),
            (401, "required", AccessExpired),
            (403, "insufficientPermissions", MissingScope),
            (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", MissingScope),
            (403, "insufficientFilePermissions", Forbidden),
            (403, "appNotAuthorizedToFile", Forbidden),
            (403, "cannotDownloadFile", Forbidden),
            (403, "cannotExportFile", Forbidden),
            (403, "fileNotDownloadable", Unsupported),
            (403, "fileNotExportable", Unsupported),
            (403, "exportSizeLimitExceeded", TooLarge),
            (403, "download_restricted_for_revision", Forbidden),
            (403, "downloadRestrictedForRevision", Forbidden),
            (403, "domainPolicy", Forbidden),
            (403, "dailyLimitExceeded", QuotaExhausted),
            (403, "rateLimitExceeded", RateLimited),
            (403, "userRateLimitExceeded", RateLimited),
            (403, "sharingRateLimitExceeded", RateLimited),
            (403, "storageQuotaExceeded", Forbidden),
            (403, "teamDriveMembershipRequired", NotFound),
            (403, "supportsTeamDrivesRequired", BadRequest),
            (403, "accessNotConfigured", BadClient),
            (404, "notFound", NotFound),
            (429, "rateLimitExceeded", RateLimited),
            (500, "backendError", Unavailable),
            (500, "internalError", Unavailable),
        ] {
            assert_eq!(classify(status, Some(reason), ""), kind, "{status} {reason}");
        }
        assert_eq!(classify(400, Some("badRequest"), "The requested conversion is not supported."), Unsupported);
    }

    #[test]
    fn without_a_known_reason_the_status_decides() {
        use ErrorKind::*;
        for (status, kind) in [
            (302, Malformed),
            (400, BadRequest),
            (401, AccessExpired),
            (403, Forbidden),
            (404, NotFound),
            (408, Unavailable),
            (410, NotFound),
            (413, TooLarge),
            (416, RangeNotSatisfiable),
            (418, BadRequest),
            (429, RateLimited),
            (500, Unavailable),
            (503, Unavailable),
            (599, Unavailable),
        ] {
            assert_eq!(classify(status, None, ""), kind, "{status}");
            assert_eq!(classify(status, Some("somethingNew"), ""), kind, "{status}");
        }
    }
}
