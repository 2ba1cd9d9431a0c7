//! Signing in and out.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::token::{self, Issued};
use secrecy::{ExposeSecret, SecretString};

use super::{
    caller::{self, app, viewer},
    error::{self, UserError},
};

/// Who signs in.
#[derive(InputObject)]
struct SessionCreateInput {
    /// The address of the person, in any case.
    email: String,
    /// The password of the person.
    #[graphql(secret)]
    password: String,
}

/// The outcome of `sessionCreate`.
#[derive(SimpleObject)]
struct SessionCreatePayload {
    /// What to send as `Authorization: Bearer …` from now on; null where the sign-in was refused.
    token: Option<String>,
    /// When the session ends by itself.
    expires_at: Option<DateTime<Utc>>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

impl SessionCreatePayload {
    fn new(issued: Option<Issued>, user_errors: Vec<UserError>) -> Self {
        let expires_at = issued.as_ref().map(|it| it.token.expires_at);
        let token = issued.map(|it| it.secret.expose_secret().to_owned());
        Self { token, expires_at, user_errors }
    }
}

/// The outcome of `sessionEnd`.
#[derive(SimpleObject)]
struct SessionEndPayload {
    /// Whether the token is of no more use.
    ended: bool,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Signs in with a password. Needs no token. After ten wrong passwords within a quarter of an hour it has to wait.
    async fn session_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SessionCreateInput,
    ) -> Result<SessionCreatePayload> {
        let password = SecretString::from(input.password);
        let outcome = token::sign_in(app(ctx)?, &input.email, &password, caller::address(ctx)?).await;
        let (issued, user_errors) = error::split(outcome)?;
        Ok(SessionCreatePayload::new(issued, user_errors))
    }

    /// Signs out: revokes the token this request was sent with. Open sockets that use it are closed within seconds.
    async fn session_end(&self, ctx: &Context<'_>) -> Result<SessionEndPayload> {
        let (ended, user_errors) = error::split(token::sign_out(app(ctx)?, viewer(ctx)?).await)?;
        Ok(SessionEndPayload { ended: ended.is_some(), user_errors })
    }
}
