//! Requests that a foreign page makes a browser send. Only what the browser adds by itself is in danger, and that is the
//! cookie: a token in a header was put there by a page that was allowed to. See docs/graphql.md, "HTTP".

use actix_web::{
    HttpRequest,
    http::{Method, header::ORIGIN},
};
use hawser_domain::App;

use super::{authentication, origin};

/// No page can set one of these without asking first, by a preflight.
const HEADERS: [&str; 3] = ["graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name"];

/// Whether a request that signs in with the cookie was surely made by a page that may, or by a program. A POST is JSON,
/// which has its own preflight.
///
/// # Errors
/// What the developer of the page has to change.
pub fn check(app: &App, request: &HttpRequest) -> Result<(), &'static str> {
    if authentication::of_cookie(app, request).is_none() {
        return Ok(());
    }
    let word = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let origin = word(ORIGIN.as_str());
    if !origin::is_allowed(origin, &app.config) {
        return Err("this page may not use the session cookie: its origin is not among the `allowed_origins`");
    }
    let is_marked = HEADERS.iter().any(|name| word(name).is_some_and(|value| !value.trim().is_empty()));
    let is_own = origin.is_some() || word("sec-fetch-site") == Some("same-origin");
    if request.method() == Method::GET && !is_marked && !is_own {
        return Err("a GET with the session cookie needs the header `GraphQL-Require-Preflight: 1`");
    }
    Ok(())
}
