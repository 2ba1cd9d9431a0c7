//! Who asks: from the header or the cookie of a request, or from the first message of a socket.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use hawser_domain::{App, Error, Principal, Result, token};

use super::session_cookie;

/// Nobody, when there is neither a header nor a cookie that holds. The header comes first.
///
/// # Errors
/// `Unauthenticated` when a header was sent that is of no use.
pub async fn of_request(app: &App, request: &HttpRequest) -> Result<Option<Principal>> {
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let header = header.to_str().map_err(|_| Error::Unauthenticated("the Authorization header is not readable"))?;
        return Ok(Some(of_credentials(app, header, address(request)).await?));
    }
    let Some(token) = of_cookie(app, request) else { return Ok(None) };
    match token::authenticate(app, &token, address(request)).await {
        // The browser sends it without being asked: a session that has ended must not keep anybody from beginning another.
        Err(Error::Unauthenticated(_)) => Ok(None),
        found => found.map(Some),
    }
}

/// The token of the cookie, where that is what the request signs in with.
pub fn of_cookie(app: &App, request: &HttpRequest) -> Option<String> {
    if request.headers().contains_key(AUTHORIZATION) {
        return None;
    }
    session_cookie::read(&app.config, request)
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
