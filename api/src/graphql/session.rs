//! Signing in and out.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::token::{self, Issued};
use secrecy::{ExposeSecret, SecretString};

use super::{
    caller::{self, app, viewer},
    error::{self, UserError},
    fresh::Lasting,
};
use crate::transport::session_cookie;

/// Who signs in.
#[derive(InputObject)]
struct SessionCreateInput {
    /// The address of the person, in any case.
    email: String,
    /// The password of the person.
    #[graphql(secret)]
    password: String,
    /// For browsers, by POST: keep the token in a cookie that no script can read, instead of answering with it. The
    /// browser then sends it along by itself.
    #[graphql(default)]
    cookie: bool,
}

/// In the data of a request that signs in with the cookie.
#[derive(Clone, Copy)]
pub struct CookieSession;

/// The outcome of `sessionCreate`.
#[derive(SimpleObject)]
struct SessionCreatePayload {
    /// What to send as `Authorization: Bearer …` from now on; null where the sign-in was refused, and where the token went
    /// into a cookie.
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
        if input.cookie && ctx.data_opt::<Lasting>().is_some() {
            return Err(error::bad_input("only an answer over HTTP can bring a cookie: send this by POST"));
        }
        let app = app(ctx)?;
        let outcome = token::sign_in(app, &input.email, &password, caller::address(ctx)?).await;
        let (issued, user_errors) = error::about(&["input"], outcome)?;
        let mut payload = SessionCreatePayload::new(issued, user_errors);
        if input.cookie
            && let Some(token) = payload.token.take()
        {
            ctx.append_http_header("set-cookie", session_cookie::set(&app.config, &token, app.config.session_seconds));
        }
        Ok(payload)
    }

    /// Signs out: revokes the token this request was sent with. Open sockets that use it are closed within seconds.
    async fn session_end(&self, ctx: &Context<'_>) -> Result<SessionEndPayload> {
        let app = app(ctx)?;
        let (ended, user_errors) = error::about(&[], token::sign_out(app, viewer(ctx)?).await)?;
        if ended.is_some() && ctx.data_opt::<CookieSession>().is_some() {
            ctx.append_http_header("set-cookie", session_cookie::clear(&app.config));
        }
        Ok(SessionEndPayload { ended: ended.is_some(), user_errors })
    }
}
