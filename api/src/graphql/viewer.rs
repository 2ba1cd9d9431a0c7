//! The one who asks.

use async_graphql::{Context, Enum, Object, Result};
use hawser_domain::{Principal, principal::Scope as DomainScope, user as users};

use super::{
    caller::{app, viewer},
    user::User,
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

/// The one who asks: a person together with the token that was sent.
pub struct Viewer(Principal);

#[Object]
impl Viewer {
    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(User(users::find(app(ctx)?, &self.0, self.0.user_id).await?))
    }

    /// What the token that was sent may be used for.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes.iter().copied().map(Scope::from).collect()
    }

    /// Whether you signed in with a password, rather than with a personal token.
    async fn is_session(&self) -> bool {
        self.0.is_session
    }
}

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// You, as the server sees you.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Ok(Viewer(viewer(ctx)?.clone()))
    }
}
