//! Google's authorization server: consent, tokens, and the end of a grant.

use std::borrow::Cow;

use http::Method;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::call::{Refusal, bad_request};
use super::{Google, wire};
use crate::http::{Client, Request, asked_wait, scrub};
use crate::{Consent, ConsentRequest, Error, ErrorKind, Grant, Result, Retry};

type OauthClient = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;
type TokenError = RequestTokenError<Error, BasicErrorResponse>;

pub fn authorize(google: &Google, request: &ConsentRequest) -> Result<String> {
    let client = client(google)?;
    let state = request.state.clone();
    let mut url = client
        .authorize_url(|| CsrfToken::new(state))
        .set_redirect_uri(Cow::Owned(redirect(&request.redirect_uri)?))
        .add_scopes(google.settings.scopes.iter().cloned().map(Scope::new))
        // Only a consent screen with offline access hands out a refresh token.
        .add_extra_param("access_type", "offline")
        .add_extra_param("prompt", "consent")
        .add_extra_param("include_granted_scopes", "true")
        // The caller keeps the verifier, so the challenge travels as a plain parameter.
        .add_extra_param("code_challenge", &request.code_challenge)
        .add_extra_param("code_challenge_method", "S256");
    if let Some(hint) = &request.login_hint {
        url = url.add_extra_param("login_hint", hint);
    }
    let url = url.url().0;
    // A browser will go there: never to `javascript:` or to plain http, whatever was configured.
    google.http.policy().check(&url)?;
    Ok(url.into())
}

pub async fn exchange(google: &Google, consent: &Consent) -> Result<Grant> {
    let http = google.http.clone();
    let carry = move |request| carry(http.clone(), request);
    client(google)?
        .exchange_code(AuthorizationCode::new(consent.code.expose_secret().into()))
        .set_pkce_verifier(PkceCodeVerifier::new(consent.verifier.expose_secret().into()))
        .set_redirect_uri(Cow::Owned(redirect(&consent.redirect_uri)?))
        .request_async(&carry)
        .await
        .map(|answer| grant(&answer))
        .map_err(failure)
}

pub async fn refresh(google: &Google, refresh_token: &SecretString) -> Result<Grant> {
    let http = google.http.clone();
    let carry = move |request| carry(http.clone(), request);
    client(google)?
        .exchange_refresh_token(&RefreshToken::new(refresh_token.expose_secret().into()))
        .request_async(&carry)
        .await
        .map(|answer| grant(&answer))
        .map_err(failure)
}

/// Asks for tokens with a code that nobody issued: a believed client hears `invalid_grant`.
pub async fn check_client(google: &Google, redirect_uri: &str) -> Result<()> {
    let consent = Consent {
        code: "4/hawser-configuration-check".into(),
        verifier: "hawser-configuration-check-hawser-configuration-check".into(),
        redirect_uri: redirect_uri.into(),
    };
    match exchange(google, &consent).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::GrantRevoked => Ok(()),
        Err(error) => Err(error),
    }
}

pub async fn revoke(google: &Google, token: &SecretString) -> Result<()> {
    let url = google.settings.endpoints.revoke_url.as_deref().ok_or_else(|| Error::unsupported("revoking a grant"))?;
    let url = Url::parse(url).map_err(|_| bad_request("the revocation address cannot be read"))?;
    let form =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token.expose_secret()).finish();
    let request = Request::new(Method::POST, url).body("application/x-www-form-urlencoded", form);
    let whole = google.http.fetch(request, google.http.policy().max_json).await?;
    if whole.status.is_success() {
        return Ok(());
    }
    let error = Refusal::read(&whole).error;
    match error.reason.as_deref() {
        Some("invalid_token" | "invalid_grant") => Ok(()),
        _ => Err(error),
    }
}

fn client(google: &Google) -> Result<OauthClient> {
    let endpoints = &google.settings.endpoints;
    let authorization = AuthUrl::new(endpoints.authorization_url.clone())
        .map_err(|_| bad_request("the authorization address cannot be read"))?;
    let token =
        TokenUrl::new(endpoints.token_url.clone()).map_err(|_| bad_request("the token address cannot be read"))?;
    Ok(BasicClient::new(ClientId::new(google.settings.client_id.clone()))
        .set_client_secret(ClientSecret::new(google.settings.client_secret.expose_secret().into()))
        .set_auth_uri(authorization)
        .set_token_uri(token)
        .set_auth_type(AuthType::RequestBody))
}

fn redirect(uri: &str) -> Result<RedirectUrl> {
    RedirectUrl::new(uri.into()).map_err(|_| bad_request("the redirect address cannot be read"))
}

/// Takes the oauth2 crate's request through our own client. Passing trouble is told apart here, where the status is
/// still in sight; the crate only reads bodies.
async fn carry(http: Client, request: HttpRequest) -> Result<HttpResponse> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| bad_request("the token address cannot be read"))?;
    let request = Request::new(parts.method, url)
        .header("accept", "application/json")?
        .body("application/x-www-form-urlencoded", body);
    let whole = http.fetch(request, http.policy().max_json).await?;
    let status = whole.status;
    // A front end before the token endpoint speaks the API's form of error, which the crate cannot read.
    let api_form = serde_json::from_slice::<wire::Envelope>(&whole.body)
        .is_ok_and(|envelope| matches!(envelope.error, wire::Failure::Api { .. }));
    if status.is_server_error() || matches!(status.as_u16(), 408 | 429) || (api_form && !status.is_success()) {
        let mut error = Refusal::read(&whole).error;
        if let Some(wait) = asked_wait(&whole.headers, http.pacing().clock().utc()) {
            error.retry = Retry::After(wait);
        }
        return Err(error);
    }
    let mut response = HttpResponse::new(whole.body.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = whole.headers;
    Ok(response)
}

fn grant(answer: &BasicTokenResponse) -> Grant {
    Grant {
        access_token: answer.access_token().secret().as_str().into(),
        refresh_token: answer.refresh_token().map(|token| token.secret().as_str().into()),
        expires_in: answer.expires_in(),
        scopes: answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
    }
}

fn failure(error: TokenError) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(answer) => {
            let reason = answer.error().as_ref().to_owned();
            let message = answer.error_description().map_or_else(|| reason.clone(), |words| scrub(words));
            Error::new(classify(&reason), message).with_status(400).with_reason(reason)
        }
        // Neither carries words worth keeping: the first would quote the body, which may hold a token.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Error::new(ErrorKind::Malformed, "the token endpoint sent something that is not a token answer")
        }
    }
}

/// RFC 6749 section 5.2, and the words Google adds to it.
fn classify(reason: &str) -> ErrorKind {
    match reason {
        "invalid_grant" => ErrorKind::GrantRevoked,
        "invalid_client" | "unauthorized_client" | "deleted_client" | "disabled_client" => ErrorKind::BadClient,
        "invalid_scope" => ErrorKind::MissingScope,
        "temporarily_unavailable" | "server_error" | "internal_failure" => ErrorKind::Unavailable,
        _ => ErrorKind::BadRequest,
    }
}
