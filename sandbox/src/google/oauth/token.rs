//! The token endpoint: a code or a refresh token comes in, with a client that proves itself in the body or by Basic; tokens go out.
//! Refresh tokens are not rotated.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{ACCESS_LIFE_S, AccessToken, error, pkce};
use crate::{
    call::{Call, Reply},
    google::world::World,
};

pub fn answer(world: &mut World, call: &Call) -> Reply {
    if call.method != "POST" {
        return error(405, "invalid_request", "Use POST.");
    }
    let pairs = call.form();
    let field = |name: &str| {
        let found = pairs.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.clone())
    };
    let client = match client(world, call, field("client_id"), field("client_secret")) {
        Ok(client) => client,
        Err(reply) => return reply,
    };
    match field("grant_type").as_deref() {
        Some("authorization_code") => {
            let Some(code) = field("code") else {
                return error(400, "invalid_request", "Missing required parameter: code");
            };
            by_code(world, &client, &code, field("redirect_uri"), field("code_verifier"))
        }
        Some("refresh_token") => {
            let Some(token) = field("refresh_token") else {
                return error(400, "invalid_request", "Missing required parameter: refresh_token");
            };
            by_refresh(world, &client, &token, field("scope"))
        }
        Some(other) => error(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}")),
        None => error(400, "invalid_request", "Missing required parameter: grant_type"),
    }
}

fn client(world: &World, call: &Call, id: Option<String>, secret: Option<String>) -> Result<String, Reply> {
    let (id, secret) = match basic(call) {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (id, secret),
    };
    let Some(id) = id else {
        return Err(error(400, "invalid_request", "Could not determine client ID from request."));
    };
    let Some(known) = world.oauth.clients.get(&id) else {
        return Err(error(401, "invalid_client", "The OAuth client was not found."));
    };
    match secret {
        None if !known.secret.is_empty() => Err(error(400, "invalid_request", "client_secret is missing.")),
        Some(secret) if secret != known.secret => Err(error(401, "invalid_client", "Unauthorized")),
        _ => Ok(id),
    }
}

fn basic(call: &Call) -> Option<(String, String)> {
    let (scheme, text) = call.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decoded = crate::call::form(format!("i={id}&s={secret}").as_bytes());
    let mut values = decoded.into_iter().map(|(_, value)| value);
    Some((values.next()?, values.next()?))
}

fn by_code(
    world: &mut World,
    client: &str,
    code: &str,
    redirect_uri: Option<String>,
    verifier: Option<String>,
) -> Reply {
    // Taken out at once: a code works for one attempt, right or wrong.
    let known = world.oauth.codes.remove(code);
    let Some(known) = known.filter(|known| known.client == client && known.expires > world.now) else {
        return error(400, "invalid_grant", "Malformed auth code.");
    };
    if redirect_uri.as_deref() != Some(&known.redirect_uri) {
        return error(400, "redirect_uri_mismatch", "Bad Request");
    }
    match (&known.challenge, verifier) {
        (None, None) => {}
        (None, Some(_)) => {
            return error(400, "invalid_grant", "code_verifier or verifier is not needed.");
        }
        (Some(_), None) => return error(400, "invalid_grant", "Missing code verifier."),
        (Some((challenge, s256)), Some(verifier)) => {
            if !pkce::is_well_formed(&verifier) || !pkce::proves(&verifier, challenge, *s256) {
                return error(400, "invalid_grant", "Invalid code verifier.");
            }
        }
    }
    let refresh = known.offline.then(|| world.ids.refresh_token());
    if let Some(token) = &refresh {
        world.oauth.keep_refresh(token.clone(), known.user, client, &known.scopes, world.now);
    }
    issue(world, known.user, client, known.scopes, refresh, true)
}

fn by_refresh(world: &mut World, client: &str, token: &str, narrower: Option<String>) -> Reply {
    let Some(known) = world.oauth.use_refresh(token, client, world.now) else {
        return error(400, "invalid_grant", "Token has been expired or revoked.");
    };
    let mut scopes = known.scopes;
    if let Some(narrower) = narrower {
        let wanted: Vec<&str> = narrower.split_whitespace().collect();
        if wanted.iter().any(|scope| !scopes.iter().any(|granted| granted == scope)) {
            return error(400, "invalid_scope", "Some requested scopes were invalid.");
        }
        scopes = wanted.into_iter().map(str::to_owned).collect();
    }
    issue(world, known.user, client, scopes, Some(token.to_owned()), false)
}

fn issue(
    world: &mut World,
    user: usize,
    client: &str,
    scopes: Vec<String>,
    refresh: Option<String>,
    show_refresh: bool,
) -> Reply {
    let token = world.ids.access_token();
    let mut body = json!({
        "access_token": token,
        "expires_in": ACCESS_LIFE_S,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh) = refresh.as_ref().filter(|_| show_refresh) {
        body["refresh_token"] = json!(refresh);
    }
    let now = world.now;
    world.oauth.access.retain(|_, known| known.expires > now);
    let kept = AccessToken { user, client: client.to_owned(), scopes, expires: now + ACCESS_LIFE_S * 1000, refresh };
    world.oauth.access.insert(token, kept);
    Reply::json(200, &body).with("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
}
