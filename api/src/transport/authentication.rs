//! Who asks, from the header of a request or the first message of a socket.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use hawser_domain::{App, Error, Principal, Result, token};

/// Nobody, when no header was sent.
///
/// # Errors
/// `Unauthenticated` when one was sent that is of no use.
pub async fn of_request(app: &App, request: &HttpRequest) -> Result<Option<Principal>> {
    let Some(header) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let header = header.to_str().map_err(|_| Error::Unauthenticated("the Authorization header is not readable"))?;
    Ok(Some(of_credentials(app, header, address(request)).await?))
}

/// `Bearer hws_…`, the word in any case.
pub async fn of_credentials(app: &App, credentials: &str, address: Option<IpAddr>) -> Result<Principal> {
    let secret = credentials.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, secret) = secret.ok_or(Error::Unauthenticated("send `Bearer`, a space and a token"))?;
    token::authenticate(app, secret.trim(), address).await
}

/// The peer's address, not what a header claims.
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip())
}
