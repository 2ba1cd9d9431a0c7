//! The one who asks.

use async_graphql::{Context, Object, Result};
use hawser_domain::{Principal, group as groups, token as tokens, user as users};

use super::{
    caller::{app, viewer},
    group::Group,
    page::{self, Page},
    token::{Scope, Token},
    user::User,
};

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

    /// The groups you are in, that of everyone included.
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<Group>> {
        let found = groups::find_many(app(ctx)?, &self.0, &self.0.groups).await?;
        Ok(found.into_iter().map(Group).collect())
    }

    /// What you can sign in with at present: sessions and personal tokens, newest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Page<Token>> {
        let (app, wanted) = (app(ctx)?, page::wanted(first, after)?);
        let rows = tokens::list(app, &self.0, wanted.after, wanted.limit).await?;
        let total = page::total(ctx, tokens::count(app, &self.0)).await?;
        page::page(&wanted, rows, total, |row| row.id, Token)
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
