//! Providers: the clouds people can connect to, and what an administrator has entered for each.

mod change;

use async_graphql::{Context, Description, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::provider::Model,
    provider::{self, Availability},
    providers::{Capability as DomainCapability, Feature as DomainFeature, ProviderKind as DomainKind},
};

use super::{
    caller::{app, viewer},
    error,
    node::{Id, of},
    page::{self, Asked},
    scalar::{Cursor, Url},
};

pub use change::ProviderMutation;

/// A cloud that Hawser speaks to.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub enum ProviderKind {
    /// Google Drive: My Drive and shared drives.
    GoogleDrive,
}

/// Something that can be done with files of a cloud.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainFeature")]
pub enum Feature {
    /// Reading the bytes.
    Download,
    /// Searching the whole account.
    Search,
    /// A small picture of a file.
    Thumbnail,
    /// A page that shows a file inside another page.
    Preview,
    /// A file as PDF.
    Pdf,
    /// The text in a file.
    Text,
    /// Links that open a file in an editor.
    AppLinks,
    /// Earlier states of a file.
    Revisions,
    /// Keeping an earlier state for good.
    Pin,
    /// Learning what changed.
    ChangesFeed,
    /// Learning at once that something changed.
    Push,
    /// Drives that belong to a team.
    SharedDrives,
    /// Ending the access at the cloud itself.
    RevokeGrant,
}

/// Who performs a feature.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainCapability")]
pub enum Capability {
    /// The cloud does it.
    Native,
    /// Hawser does it from the file's bytes.
    Platform,
    /// Nobody does.
    None,
}

/// A line of a cloud's feature table.
#[derive(SimpleObject)]
struct FeatureCapability {
    /// What is done.
    feature: Feature,
    /// Who does it.
    capability: Capability,
}

/// Whether accounts can be connected and files read.
#[derive(SimpleObject)]
struct ProviderAvailability {
    /// Whether they can.
    is_available: bool,
    /// Why not; null when they can.
    reason: Option<&'static str>,
}

/// What the one who asks may do with a provider.
#[derive(SimpleObject)]
struct ProviderViewerCan {
    /// Connect an account: needs a session and a provider that is available.
    connect: bool,
    /// See and change the configuration, test it, and delete the provider.
    configure: bool,
}

/// A configured cloud.
#[derive(Description, Clone)]
pub struct Provider(pub Model);

#[Object(use_type_description)]
impl Provider {
    /// The id of this provider.
    pub async fn id(&self) -> Id<of::Provider> {
        self.0.id.into()
    }

    /// What it is called here.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which cloud it is.
    async fn kind(&self) -> Result<ProviderKind> {
        Ok(provider::kind(&self.0)?.into())
    }

    /// Whether accounts can be connected and files read, and why not.
    async fn availability(&self) -> ProviderAvailability {
        match provider::availability(&self.0) {
            Availability::Available => ProviderAvailability { is_available: true, reason: None },
            Availability::Unavailable { reason } => ProviderAvailability { is_available: false, reason: Some(reason) },
        }
    }

    /// What can be done with this cloud's files, and who does it.
    async fn capabilities(&self) -> Result<Vec<FeatureCapability>> {
        let kind = provider::kind(&self.0)?;
        let line = |feature: DomainFeature| FeatureCapability {
            feature: feature.into(),
            capability: kind.capability(feature).into(),
        };
        Ok(DomainFeature::ALL.into_iter().map(line).collect())
    }

    /// What an administrator has entered; null for everybody else.
    async fn configuration(&self, ctx: &Context<'_>) -> Result<Option<ProviderConfiguration>> {
        Ok(viewer(ctx)?.require_admin().is_ok().then(|| ProviderConfiguration(self.0.clone())))
    }

    /// What you may do with it.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<ProviderViewerCan> {
        let who = viewer(ctx)?;
        let available = provider::availability(&self.0) == Availability::Available;
        Ok(ProviderViewerCan { connect: available && who.is_session, configure: who.require_admin().is_ok() })
    }
}

/// What an administrator has entered for a provider. The client secret is never among it.
#[derive(Description)]
pub struct ProviderConfiguration(Model);

#[Object(use_type_description)]
impl ProviderConfiguration {
    /// What it is for, in the administrator's words.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Who this installation is at the cloud.
    async fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Whether a client secret is stored. The secret itself can be written and never read.
    async fn has_client_secret(&self) -> bool {
        self.0.client_secret.is_some()
    }

    /// Where people give their consent.
    async fn authorization_url(&self) -> Url {
        Url(self.0.authorization_url.clone())
    }

    /// Where codes become tokens.
    async fn token_url(&self) -> Url {
        Url(self.0.token_url.clone())
    }

    /// Where a grant is ended; null where the cloud has no such address.
    async fn revoke_url(&self) -> Option<Url> {
        self.0.revoke_url.clone().map(Url)
    }

    /// The root of the cloud's API.
    async fn api_url(&self) -> Url {
        Url(self.0.api_url.clone())
    }

    /// The address to register at the cloud as redirect address, letter by letter.
    async fn redirect_uri(&self, ctx: &Context<'_>) -> Result<Url> {
        Ok(Url(provider::redirect_uri(app(ctx)?, self.0.id)))
    }

    /// What people are asked to allow.
    async fn scopes(&self) -> Vec<String> {
        provider::scopes(&self.0)
    }

    /// Whether the administrator wants it to be used.
    async fn is_enabled(&self) -> bool {
        self.0.enabled
    }

    /// How often changes are asked for, in seconds.
    async fn poll_seconds(&self) -> i32 {
        i32::try_from(self.0.poll_seconds).unwrap_or(i32::MAX)
    }

    /// Whether the cloud is asked to tell of changes by itself, where it can reach this server.
    async fn is_push_on(&self) -> bool {
        self.0.push
    }

    /// The token that `providerUpdate` and `providerDelete` want to see: it moves with every change.
    async fn configuration_token(&self) -> String {
        self.0.revision.to_string()
    }

    /// When the provider was added.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn modified_at(&self) -> DateTime<Utc> {
        self.0.modified_at
    }
}

#[derive(Default)]
pub struct ProviderQuery;

#[Object]
impl ProviderQuery {
    /// One provider; null when there is none with this id.
    async fn provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the provider.")] id: Id<of::Provider>,
    ) -> Result<Option<Provider>> {
        Ok(error::maybe(provider::find(app(ctx)?, viewer(ctx)?, id.0).await)?.map(Provider))
    }

    /// All providers by name, those that are switched off included.
    async fn providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<Provider>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let span = Asked { first, after, last, before }.keys::<Provider, _>(ctx)?;
        let rows = provider::list(app, who, &span).await?;
        let total = page::total(ctx, provider::count(app, who)).await?;
        page::page(rows, total, |row| (row.name_key.clone(), row.id), Provider)
    }
}
