//! The authorization endpoint: checks the request, shows the consent form, takes the decision, sends the browser back with a code.
//! A request whose client or redirect is wrong is never sent back: the person sees the error instead.

use url::Url;

use super::{CODE_LIFE_MS, Code, page, pkce};
use crate::{
    call::{Call, Reply},
    control::wire::ClientState,
    google::{scopes, world::World},
};

/// Parameters that make a request; the rest of a form is the person's answer.
const ANSWERS: [&str; 4] = ["account", "granted", "decision", "picked"];

type Pairs = [(String, String)];

fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(key, value)| key == name && !value.is_empty());
    found.map(|(_, value)| value.as_str())
}

fn values<'a>(pairs: &'a Pairs, name: &str) -> impl Iterator<Item = &'a str> {
    let name = name.to_owned();
    pairs.iter().filter(move |(key, _)| *key == name).map(|(_, value)| value.as_str())
}

struct Request {
    client: String,
    redirect: Url,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    challenge: Option<(String, bool)>,
    offline: bool,
    prompt: String,
    onepick: bool,
    include_granted: bool,
}

pub fn answer(world: &mut World, call: &Call) -> Reply {
    let pairs = match call.method.as_str() {
        "GET" => call.query.clone(),
        "POST" => call.form(),
        _ => return Reply::empty(405),
    };
    let request = match read(world, &pairs) {
        Ok(request) => request,
        Err(reply) => return reply,
    };
    match value(&pairs, "decision") {
        Some("allow") if call.method == "POST" => allow(world, &request, &pairs, call),
        Some(_) if call.method == "POST" => Reply::redirect(back(&request, &[("error", "access_denied")]).as_str()),
        _ if request.prompt == "none" => silent(world, &request, &pairs, call),
        _ => show(world, &request, &pairs, call),
    }
}

fn read(world: &World, pairs: &Pairs) -> Result<Request, Reply> {
    let bad = |words: &str| page::error(400, "invalid_request", words);
    let client = value(pairs, "client_id").ok_or_else(|| bad("Missing required parameter: client_id"))?;
    let known = world
        .oauth
        .clients
        .get(client)
        .ok_or_else(|| page::error(401, "invalid_client", "The OAuth client was not found."))?;
    let redirect_uri = value(pairs, "redirect_uri").ok_or_else(|| bad("Missing required parameter: redirect_uri"))?;
    let redirect =
        Url::parse(redirect_uri).ok().filter(|url| is_registered(known, redirect_uri, url)).ok_or_else(|| {
            let words =
                format!("You can't sign in because this app sent an invalid request. redirect_uri={redirect_uri}");
            page::error(400, "redirect_uri_mismatch", &words)
        })?;
    match value(pairs, "response_type") {
        Some("code") => {}
        None => return Err(bad("Required parameter is missing: response_type")),
        Some(other) => {
            return Err(page::error(400, "unsupported_response_type", &format!("Invalid response_type: {other}")));
        }
    }
    let scope = value(pairs, "scope").ok_or_else(|| bad("Missing required parameter: scope"))?;
    let scopes: Vec<String> = scope.split_whitespace().map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !scopes::is_known(scope)) {
        let words = format!("Some requested scopes were invalid. {{invalid=[{unknown}]}}");
        return Err(page::error(400, "invalid_scope", &words));
    }
    let challenge = match (value(pairs, "code_challenge"), value(pairs, "code_challenge_method")) {
        (None, _) => None,
        (Some(text), _) if !pkce::is_well_formed(text) => {
            return Err(bad("code_challenge must be 43 to 128 unreserved characters"));
        }
        (Some(text), None | Some("plain")) => Some((text.to_owned(), false)),
        (Some(text), Some("S256")) => Some((text.to_owned(), true)),
        (Some(_), Some(_)) => return Err(bad("Invalid parameter value for code_challenge_method")),
    };
    if known.secret.is_empty() && challenge.is_none() {
        return Err(bad("code_challenge is required for this client"));
    }
    Ok(Request {
        client: client.to_owned(),
        redirect,
        redirect_uri: redirect_uri.to_owned(),
        state: value(pairs, "state").map(str::to_owned),
        scopes,
        challenge,
        offline: value(pairs, "access_type") == Some("offline"),
        prompt: value(pairs, "prompt").unwrap_or_default().to_owned(),
        onepick: value(pairs, "trigger_onepick") == Some("true"),
        include_granted: value(pairs, "include_granted_scopes") == Some("true"),
    })
}

fn is_registered(client: &ClientState, text: &str, url: &Url) -> bool {
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.fragment().is_none()
        && (client.redirect_uris.iter().any(|known| known == text)
            || (client.any_loopback && loopback && url.scheme() == "http"))
}

fn show(world: &World, request: &Request, pairs: &Pairs, call: &Call) -> Reply {
    let hint = value(pairs, "login_hint");
    let accounts = world.users.iter().enumerate().map(|(at, user)| {
        let hinted = hint.map(|hint| hint == user.email || hint == user.permission_id);
        (user.email.clone(), user.display_name.clone(), hinted.unwrap_or(at == 0))
    });
    let carried: Vec<(String, String)> =
        pairs.iter().filter(|(name, _)| !ANSWERS.contains(&name.as_str())).cloned().collect();
    let picks = request.onepick.then(|| {
        let wanted: Vec<&str> = value(pairs, "file_ids").map(|ids| ids.split(',').collect()).unwrap_or_default();
        let files = world.files.iter().filter(|file| {
            !file.deleted && file.parent.is_some() && (wanted.is_empty() || wanted.contains(&file.id.as_str()))
        });
        files.take(200).map(|file| (file.id.clone(), file.name.clone())).collect()
    });
    page::consent(&page::Form {
        app: &request.client,
        accounts: accounts.collect(),
        scopes: request.scopes.clone(),
        picks,
        carried: &carried,
        action: format!("{}{}", call.base.prefix, call.path),
    })
}

/// `prompt=none`: only a person who is signed in and has agreed before gets through.
fn silent(world: &mut World, request: &Request, pairs: &Pairs, call: &Call) -> Reply {
    let session = call.cookie("SID").and_then(|sid| world.oauth.sessions.get(&sid).copied());
    let hinted = value(pairs, "login_hint").and_then(|hint| world.user(hint));
    let Some(user) = session.or(hinted) else {
        return Reply::redirect(back(request, &[("error", "login_required")]).as_str());
    };
    let granted = world.oauth.grants.get(&(user, request.client.clone()));
    if !granted.is_some_and(|granted| request.scopes.iter().all(|scope| granted.contains(scope))) {
        return Reply::redirect(back(request, &[("error", "interaction_required")]).as_str());
    }
    issue(world, request, user, request.scopes.clone(), &[], call)
}

fn allow(world: &mut World, request: &Request, pairs: &Pairs, call: &Call) -> Reply {
    let Some(user) = value(pairs, "account").and_then(|email| world.user(email)) else {
        return page::error(400, "invalid_request", "Couldn't find that account.");
    };
    let granted: Vec<String> = values(pairs, "granted")
        .filter(|scope| request.scopes.iter().any(|asked| asked == scope))
        .map(str::to_owned)
        .collect();
    if granted.is_empty() {
        return Reply::redirect(back(request, &[("error", "access_denied")]).as_str());
    }
    let picked: Vec<String> = values(pairs, "picked").map(str::to_owned).collect();
    issue(world, request, user, granted, &picked, call)
}

fn issue(
    world: &mut World,
    request: &Request,
    user: usize,
    granted: Vec<String>,
    picked: &[String],
    call: &Call,
) -> Reply {
    let files: Vec<usize> = picked.iter().filter_map(|id| world.file(id)).collect();
    for file in files {
        if world.role(user, file).is_some() {
            world.files[file].apps.insert(request.client.clone());
        }
    }
    let key = (user, request.client.clone());
    let before = world.oauth.grants.get(&key).cloned();
    let first = before.is_none();
    let mut all = before.unwrap_or_default();
    all.extend(granted.iter().cloned());
    all.sort();
    all.dedup();
    let scopes = if request.include_granted { all.clone() } else { granted };
    world.oauth.grants.insert(key, all);
    let code = world.ids.code();
    let spoken = scopes.join(" ");
    world.oauth.codes.insert(
        code.clone(),
        Code {
            user,
            client: request.client.clone(),
            redirect_uri: request.redirect_uri.clone(),
            scopes,
            challenge: request.challenge.clone(),
            offline: request.offline && (first || request.prompt.contains("consent")),
            expires: world.now + CODE_LIFE_MS,
        },
    );
    let mut answer = vec![("code", code.as_str()), ("scope", spoken.as_str()), ("authuser", "0")];
    let prompt = if request.prompt.is_empty() { "none" } else { &request.prompt };
    answer.push(("prompt", prompt));
    let picked = picked.join(",");
    if request.onepick {
        answer.push(("picked_file_ids", &picked));
    }
    let session = world.ids.opaque(40);
    world.oauth.sessions.insert(session.clone(), user);
    let path = if call.base.prefix.is_empty() { "/" } else { call.base.prefix };
    Reply::redirect(back(request, &answer).as_str())
        .with("Set-Cookie", format!("SID={session}; Path={path}; HttpOnly; SameSite=Lax"))
}

fn back(request: &Request, answer: &[(&str, &str)]) -> Url {
    let mut url = request.redirect.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(state) = &request.state {
            query.append_pair("state", state);
        }
        query.extend_pairs(answer);
    }
    url
}
