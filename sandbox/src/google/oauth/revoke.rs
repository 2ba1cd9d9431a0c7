//! Ending a grant by any of its tokens, and asking what a token is worth.

use serde_json::json;

use super::error;
use crate::{
    call::{Call, Reply},
    clock,
    google::world::World,
};

/// A revoked token takes the user's whole grant to that client with it.
pub fn revoke(world: &mut World, call: &Call) -> Reply {
    let form = call.form();
    let in_form = form.iter().find(|(name, _)| name == "token").map(|(_, value)| value.as_str());
    let Some(token) = in_form.or_else(|| call.param("token")) else {
        return error(400, "invalid_request", "Bad Request");
    };
    let by_access = world.oauth.live_token(token, world.now).map(|known| (known.user, known.client.clone()));
    let by_refresh = world.oauth.refresh.get(token).map(|known| (known.user, known.client.clone()));
    let Some((user, client)) = by_access.or(by_refresh) else {
        return error(400, "invalid_token", "Token expired or revoked");
    };
    world.oauth.revoke_grants(user, Some(&client));
    Reply::json(200, &json!({}))
}

pub fn tokeninfo(world: &mut World, call: &Call) -> Reply {
    let form = call.form();
    let in_form = form.iter().find(|(name, _)| name == "access_token").map(|(_, value)| value.clone());
    // The vendor's Node library sends it as a bearer header.
    let bearer = call.header("authorization").and_then(|header| header.split_once(' '));
    let token =
        call.param("access_token").map(str::to_owned).or(in_form).or_else(|| bearer.map(|(_, token)| token.to_owned()));
    let known = token.and_then(|token| world.oauth.live_token(&token, world.now).cloned());
    let Some(known) = known else {
        return error(400, "invalid_token", "Invalid Value");
    };
    let seconds = (known.expires - world.now) / 1000;
    let user = &world.users[known.user];
    Reply::json(
        200,
        &json!({
            "azp": known.client,
            "aud": known.client,
            "sub": user.permission_id,
            "scope": known.scopes.join(" "),
            "exp": (known.expires / 1000).to_string(),
            "expires_in": seconds.to_string(),
            "email": user.email,
            "email_verified": "true",
            "access_type": if known.refresh.is_some() { "offline" } else { "online" },
        }),
    )
    .with("Date", clock::http_date(world.now))
}
