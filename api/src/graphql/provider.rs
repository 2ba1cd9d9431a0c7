//! Providers: the clouds people can connect to, and the administrator's form behind each.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::provider::Model,
    provider::{self, Availability, CheckName as DomainCheck, Form, Verdict as DomainVerdict},
    providers::{Capability as DomainCapability, Feature as DomainFeature, ProviderKind as DomainKind},
};

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
    page::{self, Page},
};

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
#[derive(Clone)]
pub struct Provider(pub Model);

#[Object]
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
pub struct ProviderConfiguration(Model);

#[Object]
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
    async fn authorization_url(&self) -> &str {
        &self.0.authorization_url
    }

    /// Where codes become tokens.
    async fn token_url(&self) -> &str {
        &self.0.token_url
    }

    /// Where a grant is ended; null where the cloud has no such address.
    async fn revoke_url(&self) -> Option<&str> {
        self.0.revoke_url.as_deref()
    }

    /// The root of the cloud's API.
    async fn api_url(&self) -> &str {
        &self.0.api_url
    }

    /// The address to register at the cloud as redirect address, letter by letter.
    async fn redirect_uri(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(provider::redirect_uri(app(ctx)?, self.0.id))
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
    async fn poll_seconds(&self) -> i64 {
        self.0.poll_seconds
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
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Page<Provider>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let wanted = page::wanted::<String>(first, after)?;
        let rows = provider::list(app, who, wanted.after.as_deref(), wanted.limit).await?;
        let total = if page::counts(ctx) { Some(provider::count(app, who).await?) } else { None };
        page::page(&wanted, rows, total, |row| row.name_key.clone(), Provider)
    }
}

macro_rules! form {
    ($(#[$doc:meta])* $name:ident { $($(#[$head_doc:meta])* $head:ident: $type:ty,)* } $named:ty, $into:expr) => {
        $(#[$doc])*
        #[derive(InputObject)]
        struct $name {
            $($(#[$head_doc])* $head: $type,)*
            /// What it is to be called; unique among the providers.
            name: $named,
            /// What it is for.
            description: Option<String>,
            /// Who this installation is at the cloud, from the cloud's developer console.
            client_id: Option<String>,
            /// The secret that goes with it. It is kept encrypted and never shown again; an empty one takes it away.
            client_secret: Option<String>,
            /// Where people give their consent; empty for the cloud's own address.
            authorization_url: Option<String>,
            /// Where codes become tokens; empty for the cloud's own address. Another server needs the secret entered again.
            token_url: Option<String>,
            /// Where a grant is ended; empty for the cloud's own address.
            revoke_url: Option<String>,
            /// The root of the cloud's API; empty for the cloud's own address.
            api_url: Option<String>,
            /// What people are asked to allow; empty for what Hawser needs.
            scopes: Option<Vec<String>>,
            /// Whether it may be used; true unless told.
            is_enabled: Option<bool>,
            /// How often to ask for changes, in seconds: 30 at least.
            poll_seconds: Option<i64>,
            /// Whether the cloud is asked to tell of changes by itself; true unless told.
            is_push_on: Option<bool>,
        }

        impl $name {
            fn form(&self) -> Form {
                Form {
                    name: $into(&self.name),
                    description: self.description.clone(),
                    client_id: self.client_id.clone(),
                    client_secret: self.client_secret.clone().map(Into::into),
                    authorization_url: self.authorization_url.clone(),
                    token_url: self.token_url.clone(),
                    revoke_url: self.revoke_url.clone(),
                    api_url: self.api_url.clone(),
                    scopes: self.scopes.clone(),
                    enabled: self.is_enabled,
                    poll_seconds: self.poll_seconds,
                    push: self.is_push_on,
                }
            }
        }
    };
}

form! {
    /// A new provider; whatever is absent has the cloud's own values.
    ProviderCreateInput {
        /// Which cloud it is; this cannot be changed later.
        kind: ProviderKind,
        /// A key of your own, so that a repeated request makes no second provider.
        idempotency_key: Option<String>,
    }
    String, |name: &String| Some(name.clone())
}

form! {
    /// What to change of a provider; what is absent stays.
    ProviderUpdateInput {
        /// The provider.
        id: Id<of::Provider>,
        /// The `configurationToken` you have read.
        configuration_token: String,
    }
    Option<String>, Option::clone
}

/// The outcome of `providerCreate`.
#[derive(SimpleObject)]
struct ProviderCreatePayload {
    /// The new provider; null where nothing was made.
    provider: Option<Provider>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The outcome of `providerUpdate`.
#[derive(SimpleObject)]
struct ProviderUpdatePayload {
    /// The provider as of now; null where nothing was changed.
    provider: Option<Provider>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Which provider to delete.
#[derive(InputObject)]
struct ProviderDeleteInput {
    /// The provider.
    id: Id<of::Provider>,
    /// The `configurationToken` you have read.
    configuration_token: String,
    /// Revoke its connections, too. Their documents stay, but their bytes are out of reach.
    #[graphql(default)]
    force: bool,
}

/// The outcome of `providerDelete`.
#[derive(SimpleObject)]
struct ProviderDeletePayload {
    /// The provider that is no more; null where nothing was deleted.
    deleted_provider_id: Option<Id<of::Provider>>,
    /// How many documents hold files that were reached through it.
    affected_documents: Option<i64>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Which provider to test.
#[derive(InputObject)]
struct ProviderTestInput {
    /// The provider.
    id: Id<of::Provider>,
}

/// What a test looks at.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainCheck")]
pub enum ProviderCheckName {
    /// Client id, secret and scopes are there.
    Complete,
    /// People can be sent to the consent page.
    AuthorizationUrl,
    /// The token address may be called.
    TokenUrl,
    /// The revocation address may be called.
    RevokeUrl,
    /// The API may be called.
    ApiUrl,
    /// Something that speaks OAuth answers at the token address.
    TokenEndpoint,
    /// The cloud believes client id and secret.
    Client,
}

/// How a check went.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainVerdict")]
pub enum ProviderCheckVerdict {
    /// It is as it should be.
    Passed,
    /// It has to be mended.
    Failed,
    /// It could not be looked at, because something before it failed.
    Skipped,
}

/// One line of a test.
#[derive(SimpleObject)]
struct ProviderCheck {
    /// What was looked at.
    name: ProviderCheckName,
    /// How it went.
    verdict: ProviderCheckVerdict,
    /// What was found.
    message: String,
    /// What to do next; null where nothing is wrong.
    advice: Option<String>,
}

/// The outcome of `providerTest`.
#[derive(SimpleObject)]
struct ProviderTestPayload {
    /// Whether everything is as it should be; null where nothing was tested.
    passed: Option<bool>,
    /// What was looked at, in order.
    checks: Vec<ProviderCheck>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProviderMutation;

#[Object]
impl ProviderMutation {
    /// Adds a provider. For administrators.
    async fn provider_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new provider.")] input: ProviderCreateInput,
    ) -> Result<ProviderCreatePayload> {
        let (kind, key) = (input.kind.into(), input.idempotency_key.as_deref());
        let outcome = provider::create(app(ctx)?, viewer(ctx)?, kind, &input.form(), key).await;
        let (provider, user_errors) = error::split(outcome)?;
        Ok(ProviderCreatePayload { provider: provider.map(Provider), user_errors })
    }

    /// Changes a provider. For administrators.
    async fn provider_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: ProviderUpdateInput,
    ) -> Result<ProviderUpdatePayload> {
        let revision = revision(&input.configuration_token);
        let outcome = provider::update(app(ctx)?, viewer(ctx)?, input.id.0, revision, &input.form()).await;
        let (provider, user_errors) = error::split(outcome)?;
        Ok(ProviderUpdatePayload { provider: provider.map(Provider), user_errors })
    }

    /// Deletes a provider. For administrators. While connections exist, only with `force`.
    async fn provider_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ProviderDeleteInput,
    ) -> Result<ProviderDeletePayload> {
        let revision = revision(&input.configuration_token);
        let outcome = provider::delete(app(ctx)?, viewer(ctx)?, input.id.0, revision, input.force).await;
        let (affected, user_errors) = error::split(outcome)?;
        Ok(ProviderDeletePayload {
            deleted_provider_id: affected.map(|_| input.id),
            affected_documents: affected.map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
            user_errors,
        })
    }

    /// Tests a configuration as far as that goes without anybody's consent, and says what to do about each fault.
    /// For administrators.
    async fn provider_test(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ProviderTestInput,
    ) -> Result<ProviderTestPayload> {
        let (report, user_errors) = error::split(provider::test(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        let passed = report.as_ref().map(provider::Report::passed);
        let checks = report.into_iter().flat_map(|report| report.checks).map(|check| ProviderCheck {
            name: check.name.into(),
            verdict: check.verdict.into(),
            message: check.message,
            advice: check.advice,
        });
        Ok(ProviderTestPayload { passed, checks: checks.collect(), user_errors })
    }
}

/// A token that is not one of ours is simply not the current one.
fn revision(token: &str) -> i64 {
    token.parse().unwrap_or(-1)
}
