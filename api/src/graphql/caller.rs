//! What a request brings along: who asks, under which number. Every door puts one into the request's data.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{Context, Result};
use hawser_domain::{App, Error, Principal};
use uuid::Uuid;

/// Who asks, and the number this request has in logs and errors.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Absent for those who have not signed in.
    pub principal: Option<Principal>,
    /// Where the request came from, as far as the door knows.
    pub address: Option<IpAddr>,
    pub request_id: Uuid,
}

/// The house this schema serves.
pub fn app<'a>(ctx: &Context<'a>) -> Result<&'a Arc<App>> {
    ctx.data()
}

/// Where the request came from.
pub fn address(ctx: &Context<'_>) -> Result<Option<IpAddr>> {
    let caller: &Caller = ctx.data()?;
    Ok(caller.address)
}

/// Who asks.
///
/// # Errors
/// `Unauthenticated` for strangers.
pub fn viewer<'a>(ctx: &Context<'a>) -> Result<&'a Principal> {
    let caller: &Caller = ctx.data()?;
    Ok(caller.principal.as_ref().ok_or(Error::Unauthenticated("send a token with `Authorization: Bearer …`"))?)
}

/// Who asks, as of now: for subscriptions, which outlive the state they were opened in.
///
/// # Errors
/// `Unauthenticated` once the token or its user is no longer good.
pub async fn viewer_now(ctx: &Context<'_>) -> Result<Principal> {
    Ok(hawser_domain::token::authenticate_again(app(ctx)?, viewer(ctx)?).await?)
}
