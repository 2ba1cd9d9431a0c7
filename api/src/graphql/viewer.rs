//! The one who asks.

use async_graphql::{Context, Description, Object, Result};
use hawser_domain::{Principal, group as groups, token as tokens, user as users};

use super::{
    caller::{app, viewer},
    group::Group,
    page::{self, Asked},
    scalar::Cursor,
    token::{Scope, Token},
    user::User,
};

/// The one who asks: a person together with the token that was sent.
#[derive(Description)]
pub struct Viewer(Principal);

#[Object(use_type_description)]
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
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 20 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<Token>> {
        let (app, span) =
            (app(ctx)?, Asked { first: page::nested(first, last), after, last, before }.keys::<Token, _>(ctx)?);
        let rows = tokens::list(app, &self.0, &span).await?;
        let total = page::total(ctx, tokens::count(app, &self.0)).await?;
        page::page(rows, total, |row| row.id, Token)
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
