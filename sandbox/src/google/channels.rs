//! `watch` and `stop`: opening and closing push channels.

use serde_json::{Value, json};
use url::Url;

use super::{
    changes,
    refusal::Refusal,
    visit::{Answer, Visit},
    world::channel::{Channel, Watches},
};
use crate::call::Reply;

const DEFAULT_LIFE_MS: i64 = 3600 * 1000;
const FEED_LIFE_MS: i64 = 604_800 * 1000;
const FILE_LIFE_MS: i64 = 86_400 * 1000;

pub fn watch_changes(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let feed = changes::feed(visit)?;
    changes::cursor(visit)?;
    let path = format!("/drive/v3/changes?{}", visit.call.query_text);
    watch(visit, Watches::Feed(feed), FEED_LIFE_MS, &path)
}

pub fn watch_file(visit: &mut Visit<'_>, path: &[&str]) -> Answer {
    let (file, _) = visit.find(path[1], true)?;
    let path = format!("/drive/v3/files/{}", visit.world.files[file].id);
    watch(visit, Watches::File(file), FILE_LIFE_MS, &path)
}

fn watch(visit: &mut Visit<'_>, watches: Watches, longest: i64, path: &str) -> Answer {
    let mask = visit.mask("Channel", "*")?;
    let body = visit.body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("id").ok_or_else(|| Refusal::required("id"))?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte);
    if id.len() > 64 || !id.bytes().all(good) {
        return Err(Refusal::invalid("id"));
    }
    let now = visit.world.now;
    if visit.world.channels.get(id).is_some_and(|known| known.expires > now) {
        return Err(Refusal::new(400, "channelIdNotUnique", format!("Channel id {id} not unique")));
    }
    match text("type").ok_or_else(|| Refusal::required("type"))? {
        "web_hook" | "webhook" => {}
        _ => return Err(Refusal::invalid("type")),
    }
    let address = text("address").ok_or_else(|| Refusal::required("address"))?;
    if !may_call(visit, address) {
        let words = format!("WebHook callback must be HTTPS: {address}");
        return Err(Refusal::new(400, "push.webhookUrlNotHttps", words));
    }
    let token = text("token");
    if token.is_some_and(|token| token.len() > 256) {
        return Err(Refusal::invalid("token"));
    }
    let asked = match body.get("expiration") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
            Some(number.ok_or_else(|| Refusal::invalid("expiration"))?)
        }
    };
    if asked.is_some_and(|asked| asked <= now) {
        return Err(Refusal::invalid("expiration"));
    }
    let channel = Channel {
        id: id.to_owned(),
        resource_id: resource_id(visit, watches),
        resource_uri: visit.call.base.url("www.googleapis.com", path),
        address: address.to_owned(),
        token: token.map(str::to_owned),
        expires: asked.map_or(now + DEFAULT_LIFE_MS, |asked| asked.min(now + longest)),
        user: visit.caller.user,
        client: visit.caller.client.clone(),
        watches,
        number: 0,
    };
    let mut reply = json!({
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": channel.expires.to_string(),
    });
    if let Some(token) = token {
        reply["token"] = json!(token);
    }
    visit.world.open_channel(channel);
    Ok(Reply::json(200, &mask.prune(reply)))
}

/// Stable for what is watched, opaque to clients.
fn resource_id(visit: &Visit<'_>, watches: Watches) -> String {
    use sha2::{Digest, Sha256};
    let text = format!("{}|{watches:?}", visit.world.secret);
    hex::encode(Sha256::digest(text))[..27].to_owned()
}

/// Https anywhere; plain http on this machine only, unless that is switched off.
fn may_call(visit: &Visit<'_>, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let strict = visit.world.limits.push_https_only == Some(true);
    url.scheme() == "https" || (url.scheme() == "http" && loopback && !strict)
}

/// Only the same user with the same client may close a channel.
pub fn stop(visit: &mut Visit<'_>, _: &[&str]) -> Answer {
    let body = visit.body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (id, resource) = (text("id"), text("resourceId"));
    let now = visit.world.now;
    let caller = &visit.caller;
    let known = visit.world.channels.get(id).filter(|channel| {
        channel.resource_id == resource
            && channel.user == caller.user
            && channel.client == caller.client
            && channel.expires > now
    });
    if known.is_none() {
        let words = format!("Channel '{id}' not found for project");
        return Err(Refusal::new(404, "notFound", words));
    }
    visit.world.channels.remove(id);
    Ok(Reply::empty(204))
}
