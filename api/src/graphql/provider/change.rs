//! The administrator's mutations: create, change, delete and test a provider.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use hawser_domain::provider::{self, CheckName as DomainCheck, Form, Verdict as DomainVerdict};

use super::{
    super::{
        caller::{app, viewer},
        error::{self, UserError},
        node::{Id, of},
        page,
    },
    Provider, ProviderKind,
};

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
            poll_seconds: Option<i32>,
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
                    poll_seconds: self.poll_seconds.map(i64::from),
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
    affected_documents: Option<i32>,
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
            affected_documents: affected.map(page::count),
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
