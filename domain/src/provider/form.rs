//! The administrator's form: what may stand in each field. All faults are named at once, each with its path.

use hawser_entity::provider;
use hawser_providers::{Endpoints, ProviderKind};
use sea_orm::ActiveValue::Set;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use crate::{App, Error, Result, name};

/// What the administrator wants to say; an absent field keeps its value, or takes the kind's default in a new provider.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Form {
    pub name: Option<String>,
    pub description: Option<String>,
    pub client_id: Option<String>,
    /// Write-only; an empty one takes the stored secret away.
    #[serde(skip)]
    pub client_secret: Option<SecretString>,
    /// For each address: empty means the cloud's own.
    pub authorization_url: Option<String>,
    pub token_url: Option<String>,
    pub revoke_url: Option<String>,
    pub api_url: Option<String>,
    /// Empty means the kind's own.
    pub scopes: Option<Vec<String>>,
    pub enabled: Option<bool>,
    pub poll_seconds: Option<i64>,
    pub push: Option<bool>,
}

const LEAST_POLL: i64 = 30;
const MOST_POLL: i64 = 86_400;

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<Error>);

impl Faults {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(Error::invalid(&["input", field], message));
    }
}

impl Form {
    /// Lays the form over `row`. The secret and the name's uniqueness are the caller's.
    ///
    /// # Errors
    /// `Faults` with every fault.
    pub(super) fn lay_over(&self, app: &App, kind: ProviderKind, row: &mut provider::Model) -> Result<()> {
        let mut faults = Faults::default();
        let before = row.clone();
        if let Some(text) = &self.name {
            match name::clean(text, &["input", "name"]) {
                Ok(clean) => (row.name_key, row.name) = (name::key(&clean), clean),
                Err(error) => faults.0.push(error),
            }
        }
        self.words(row, &mut faults);
        self.addresses(app, kind.endpoints(), row, &mut faults);
        self.rhythm(kind, row, &mut faults);
        let moved = !before.token_url.is_empty()
            && (origin(&before.token_url) != origin(&row.token_url)
                || before.revoke_url.as_deref().map(origin) != row.revoke_url.as_deref().map(origin));
        if moved && row.client_secret.is_some() && self.client_secret.is_none() {
            let message = "give the client secret again: it is not sent to another server than it was entered for";
            faults.add("clientSecret", message);
        }
        if faults.0.is_empty() { Ok(()) } else { Err(Error::Faults(faults.0)) }
    }

    fn words(&self, row: &mut provider::Model, faults: &mut Faults) {
        if let Some(text) = &self.description {
            row.description = text.trim().to_owned();
            if row.description.chars().count() > 2000 {
                faults.add("description", "a description has at most 2000 characters");
            }
        }
        if let Some(text) = &self.client_id {
            row.client_id = text.trim().to_owned();
            if row.client_id.len() > 512 || row.client_id.chars().any(char::is_control) {
                faults.add("clientId", "a client id has at most 512 characters and no control characters");
            }
        }
        let secret = self.client_secret.as_ref().map(|secret| secret.expose_secret().trim());
        if secret.is_some_and(|text| text.len() > 1024 || text.chars().any(char::is_control)) {
            faults.add("clientSecret", "a client secret has at most 1024 characters and no control characters");
        }
    }

    fn addresses(&self, app: &App, own: Endpoints, row: &mut provider::Model, faults: &mut Faults) {
        let mut address = |field: &str, text: &Option<String>, own: Option<String>, now: &mut String| {
            let Some(text) = text.as_deref().map(str::trim) else { return };
            *now = if text.is_empty() { own.unwrap_or_default() } else { text.to_owned() };
            if !text.is_empty()
                && let Err(message) = check_address(app, text)
            {
                faults.add(field, message);
            }
        };
        let mut revoke = row.revoke_url.take().unwrap_or_default();
        address("authorizationUrl", &self.authorization_url, Some(own.authorization_url), &mut row.authorization_url);
        address("tokenUrl", &self.token_url, Some(own.token_url), &mut row.token_url);
        address("revokeUrl", &self.revoke_url, own.revoke_url, &mut revoke);
        address("apiUrl", &self.api_url, Some(own.api_url), &mut row.api_url);
        row.revoke_url = Some(revoke).filter(|text| !text.is_empty());
        if !row.api_url.ends_with('/') {
            row.api_url.push('/');
        }
    }

    fn rhythm(&self, kind: ProviderKind, row: &mut provider::Model, faults: &mut Faults) {
        if let Some(scopes) = &self.scopes {
            let mut asked: Vec<String> = scopes.iter().map(|scope| scope.trim().to_owned()).collect();
            asked.sort();
            asked.dedup();
            // RFC 6749 section 3.3: a scope token is printable ASCII without space, quote and backslash.
            let good = |b: u8| b == 0x21 || (0x23..=0x5B).contains(&b) || (0x5D..=0x7E).contains(&b);
            if asked.len() > 50 || asked.iter().any(|scope| scope.is_empty() || !scope.bytes().all(good)) {
                faults.add("scopes", "give each scope as one word, at most 50 of them");
            }
            row.scopes = if asked.is_empty() { kind.default_scopes().into() } else { asked.into() };
        }
        row.enabled = self.enabled.unwrap_or(row.enabled);
        row.push = self.push.unwrap_or(row.push);
        if let Some(seconds) = self.poll_seconds {
            row.poll_seconds = seconds;
            if !(LEAST_POLL..=MOST_POLL).contains(&seconds) {
                faults.add("pollSeconds", format!("must lie between {LEAST_POLL} and {MOST_POLL}, not {seconds}"));
            }
        }
    }
}

/// Says what is wrong with an address that the browser or our client would be sent to.
pub(super) fn check_address(app: &App, text: &str) -> std::result::Result<(), String> {
    let url = Url::parse(text).map_err(|_| "is not a URL; it begins with https://".to_owned())?;
    if url.fragment().is_some() {
        return Err("must not have a fragment (#…)".into());
    }
    app.http.policy().check(&url).map_err(|error| error.message)
}

fn origin(text: &str) -> Option<String> {
    Url::parse(text).ok().map(|url| url.origin().ascii_serialization())
}

/// A provider before the first word of the form.
pub(super) fn blank(
    app: &App,
    kind: ProviderKind,
    id: uuid::Uuid,
    now: chrono::DateTime<chrono::Utc>,
) -> provider::Model {
    let own = kind.endpoints();
    provider::Model {
        id,
        kind: kind.word().to_owned(),
        name: String::new(),
        name_key: String::new(),
        description: String::new(),
        client_id: String::new(),
        client_secret: None,
        authorization_url: own.authorization_url,
        token_url: own.token_url,
        revoke_url: own.revoke_url,
        api_url: own.api_url,
        scopes: kind.default_scopes().into(),
        enabled: true,
        poll_seconds: i64::try_from(app.config.poll_seconds).unwrap_or(MOST_POLL),
        push: true,
        revision: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
    }
}

/// The row as a change of every column.
pub(super) fn all_set(row: provider::Model) -> provider::ActiveModel {
    provider::ActiveModel {
        id: Set(row.id),
        kind: Set(row.kind),
        name: Set(row.name),
        name_key: Set(row.name_key),
        description: Set(row.description),
        client_id: Set(row.client_id),
        client_secret: Set(row.client_secret),
        authorization_url: Set(row.authorization_url),
        token_url: Set(row.token_url),
        revoke_url: Set(row.revoke_url),
        api_url: Set(row.api_url),
        scopes: Set(row.scopes),
        enabled: Set(row.enabled),
        poll_seconds: Set(row.poll_seconds),
        push: Set(row.push),
        revision: Set(row.revision),
        created_at: Set(row.created_at),
        modified_at: Set(row.modified_at),
        deleted_at: Set(row.deleted_at),
    }
}
