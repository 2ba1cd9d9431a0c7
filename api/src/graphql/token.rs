//! What people and their scripts sign in with.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    entity::token::{Model, TokenKind as DomainKind},
    principal::Scope as DomainScope,
    token,
};
use secrecy::ExposeSecret;

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
};

/// What a token may be used for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainScope")]
pub enum Scope {
    /// To read.
    Read,
    /// To change what its user may change.
    Write,
    /// To administer, where its user is an administrator.
    Admin,
}

/// How a token came to be.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub enum TokenKind {
    /// By signing in with a password; short-lived, with all the rights of its user.
    Session,
    /// Made by hand for a script; limited by its scopes.
    Personal,
}

/// Something to sign in with. The secret itself is shown once, when it is made, and never again.
#[derive(Description)]
pub struct Token(pub Model);

#[Object(use_type_description)]
impl Token {
    /// The id of this token, which is not the secret.
    pub async fn id(&self) -> Id<of::Token> {
        self.0.id.into()
    }

    /// How it came to be.
    async fn kind(&self) -> TokenKind {
        self.0.kind.into()
    }

    /// What its owner called it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The first characters of the secret, to recognise it by.
    async fn hint(&self) -> &str {
        &self.0.hint
    }

    /// What it may be used for.
    async fn scopes(&self) -> Result<Vec<Scope>> {
        let scopes: Vec<DomainScope> = serde_json::from_value(self.0.scopes.clone())?;
        Ok(scopes.into_iter().map(Scope::from).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last used, to within five minutes; null when never.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }

    /// When it ends by itself.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// Since when it is of no use any more; null while it is.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// Whether it is the token this request was sent with.
    async fn is_current(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(viewer(ctx)?.token_id == self.0.id)
    }
}

/// A personal token to be made.
#[derive(InputObject)]
struct TokenCreateInput {
    /// What it is for, to recognise it by.
    name: String,
    /// What it may be used for; at least one.
    scopes: Vec<Scope>,
    /// When it ends; within a year.
    expires_at: DateTime<Utc>,
}

/// The outcome of `tokenCreate`.
#[derive(SimpleObject)]
struct TokenCreatePayload {
    /// The token; null where none was made.
    token: Option<Token>,
    /// What to send as `Authorization: Bearer …`. It is shown here and never again.
    secret: Option<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A token to be revoked.
#[derive(InputObject)]
struct TokenRevokeInput {
    /// The token.
    id: Id<of::Token>,
}

/// The outcome of `tokenRevoke`.
#[derive(SimpleObject)]
struct TokenRevokePayload {
    /// The token as of now; null where there is none that you may revoke.
    token: Option<Token>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Makes a personal token for yourself. Works in a session only, so that a token that leaked cannot make others.
    async fn token_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to be made.")] input: TokenCreateInput,
    ) -> Result<TokenCreatePayload> {
        let scopes = input.scopes.into_iter().map(Into::into).collect();
        let new = token::New { name: input.name, scopes, expires_at: input.expires_at };
        let (issued, user_errors) = error::split(token::create(app(ctx)?, viewer(ctx)?, new).await)?;
        let (token, secret) = issued.map(|it| (Token(it.token), it.secret.expose_secret().to_owned())).unzip();
        Ok(TokenCreatePayload { token, secret, user_errors })
    }

    /// Revokes one of your tokens or sessions, or, for administrators, anybody's. It works at once and cannot be undone.
    async fn token_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to be revoked.")] input: TokenRevokeInput,
    ) -> Result<TokenRevokePayload> {
        let (token, user_errors) = error::split(token::revoke(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(TokenRevokePayload { token: token.map(Token), user_errors })
    }
}
