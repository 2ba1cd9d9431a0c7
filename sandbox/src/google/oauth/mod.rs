//! Google's authorization server: the book of clients, codes, tokens and grants, and the rules by which they live and die.
//! The consent page is in `consent`, the token endpoint in `token`, revocation in `revoke`.

pub mod consent;
mod page;
mod pkce;
pub mod revoke;
pub mod token;

use std::collections::HashMap;

use serde_json::json;

use crate::{call::Reply, control::wire::ClientState};

pub const CODE_LIFE_MS: i64 = 10 * 60 * 1000;
pub const ACCESS_LIFE_S: i64 = 3599;
const IDLE_LIFE_MS: i64 = 182 * 24 * 3600 * 1000;
const LIVE_REFRESH_TOKENS: usize = 100;

#[derive(Debug, Clone)]
pub struct Code {
    pub user: usize,
    pub client: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    /// `(challenge, is S256)`.
    pub challenge: Option<(String, bool)>,
    pub offline: bool,
    pub expires: i64,
}

#[derive(Debug, Clone)]
pub struct AccessToken {
    pub user: usize,
    pub client: String,
    pub scopes: Vec<String>,
    pub expires: i64,
    /// The refresh token it came from or with.
    pub refresh: Option<String>,
}

#[derive(Debug, Clone)]
pub struct RefreshToken {
    pub user: usize,
    pub client: String,
    pub scopes: Vec<String>,
    pub used: i64,
    number: u64,
}

#[derive(Debug)]
pub struct Book {
    pub clients: HashMap<String, ClientState>,
    pub codes: HashMap<String, Code>,
    pub access: HashMap<String, AccessToken>,
    pub refresh: HashMap<String, RefreshToken>,
    /// Scopes by user and client, until revoked.
    pub grants: HashMap<(usize, String), Vec<String>>,
    /// Browser sessions that a consent page opened, by cookie.
    pub sessions: HashMap<String, usize>,
    issued: u64,
}

impl Default for Book {
    fn default() -> Self {
        let demo = ClientState {
            id: "hawser-sandbox".to_owned(),
            secret: "sandbox-secret".to_owned(),
            redirect_uris: Vec::new(),
            any_loopback: true,
        };
        Self {
            clients: [(demo.id.clone(), demo)].into(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            grants: HashMap::new(),
            sessions: HashMap::new(),
            issued: 0,
        }
    }
}

impl Book {
    pub fn live_token(&self, token: &str, now: i64) -> Option<&AccessToken> {
        self.access.get(token).filter(|known| known.expires > now)
    }

    /// Keeps a refresh token; beyond 100 live ones of a user and client the oldest dies silently.
    pub fn keep_refresh(&mut self, token: String, user: usize, client: &str, scopes: &[String], now: i64) {
        self.issued += 1;
        let kept =
            RefreshToken { user, client: client.to_owned(), scopes: scopes.to_vec(), used: now, number: self.issued };
        self.refresh.insert(token, kept);
        let mut live: Vec<(u64, String)> = self
            .refresh
            .iter()
            .filter(|(_, known)| known.user == user && known.client == client)
            .map(|(token, known)| (known.number, token.clone()))
            .collect();
        if live.len() > LIVE_REFRESH_TOKENS {
            live.sort();
            self.refresh.remove(&live[0].1);
        }
    }

    /// A refresh token that still works, marked as used now.
    pub fn use_refresh(&mut self, token: &str, client: &str, now: i64) -> Option<RefreshToken> {
        let known = self.refresh.get_mut(token)?;
        if known.client != client || now - known.used > IDLE_LIFE_MS {
            return None;
        }
        known.used = now;
        Some(known.clone())
    }

    /// Ends everything a user granted: to one client, or to all of them.
    pub fn revoke_grants(&mut self, user: usize, client: Option<&str>) {
        let hit = |of: usize, by: &str| of == user && client.is_none_or(|client| client == by);
        self.access.retain(|_, known| !hit(known.user, &known.client));
        self.refresh.retain(|_, known| !hit(known.user, &known.client));
        self.codes.retain(|_, known| !hit(known.user, &known.client));
        self.grants.retain(|(of, by), _| !hit(*of, by));
    }

    /// Access tokens of a user stop working now; refresh tokens live on.
    pub fn expire_access(&mut self, user: usize) -> usize {
        let before = self.access.len();
        self.access.retain(|_, known| known.user != user);
        before - self.access.len()
    }
}

/// An error of the token family: RFC 6749 5.2.
pub fn error(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({ "error": error, "error_description": description })).with("Cache-Control", "no-store")
}
