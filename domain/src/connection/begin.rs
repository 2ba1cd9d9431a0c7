//! The way out to the cloud. A signed-in person begins and is given an address of ours with a ticket; the browser that
//! opens it is marked with a cookie and sent on. Why it takes two steps: docs/decisions/0005-consent-binding.md.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use hawser_entity::{connection, oauth_flow, user};
use hawser_providers::ConsentRequest;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{cloud_error, look};
use crate::{
    App, Error, Principal, Result,
    principal::{Actor, Scope},
    provider,
    secret::{self, Place},
};

/// How long a consent may take from beginning to end.
const TIME_TO_CONSENT: Duration = Duration::minutes(10);

#[derive(Debug, Clone)]
pub struct Begun {
    pub flow_id: Uuid,
    /// Where to send the person's browser. Good once, for one browser.
    pub authorization_url: String,
    pub expires_at: DateTime<Utc>,
}

/// Begins the consent for a new connection, or for one that has to be renewed.
///
/// # Errors
/// `Forbidden` for tokens that are not sessions; `NotFound`; `NotAllowed` for another's connection; `Invalid` when the
/// connection is of another provider; `ProviderUnavailable` with the reason.
pub async fn begin(app: &App, who: &Principal, provider_id: Uuid, reconnect: Option<Uuid>) -> Result<Begun> {
    who.require(Scope::Write)?;
    if !who.is_session {
        return Err(Error::Forbidden("only a signed-in person can connect an account; a personal token cannot".into()));
    }
    provider::cloud(app, provider_id).await?;
    if let Some(id) = reconnect {
        let at = Error::at("connectionId");
        let connection = look::find(app, who, id).await.map_err(&at)?;
        if connection.owner_id != who.user_id {
            return Err(at(Error::not_allowed("connection", "owner's")));
        }
        if connection.provider_id != provider_id {
            return Err(Error::invalid(&["input", "connectionId"], "this connection belongs to another provider"));
        }
    }
    let ticket = secret_word(app);
    let w = app.write(who).await?;
    let id = w.id();
    let expires_at = w.now + TIME_TO_CONSENT;
    let row = oauth_flow::ActiveModel {
        id: Set(id),
        provider_id: Set(provider_id),
        user_id: Set(who.user_id),
        session_id: Set(who.token_id),
        connection_id: Set(reconnect),
        redirect_uri: Set(provider::redirect_uri(app, provider_id)),
        ticket_hash: Set(hash(ticket.expose_secret())),
        created_at: Set(w.now),
        expires_at: Set(expires_at),
        binding_hash: NotSet,
        state_hash: NotSet,
        verifier: NotSet,
        started_at: NotSet,
        used_at: NotSet,
        outcome_connection_id: NotSet,
        outcome_error: NotSet,
    };
    row.insert(w.db()).await?;
    w.audit("connection.begin", "provider", Some(provider_id), json!({ "flow": id, "connection": reconnect })).await?;
    w.commit().await?;
    let authorization_url = format!("{}/oauth/start/{id}?ticket={}", app.config.public_url(), ticket.expose_secret());
    Ok(Begun { flow_id: id, authorization_url, expires_at })
}

/// What the browser gets before it goes to the cloud.
#[derive(Debug)]
pub struct Started {
    /// The cloud's consent page.
    pub location: String,
    /// The cookie that only this browser can bring back.
    pub binding: SecretString,
    /// How long the cookie is good for.
    pub seconds: i64,
}

/// Turns in the ticket. Works once.
///
/// # Errors
/// `NotFound` for a ticket that is unknown, used or too old; `ProviderUnavailable`.
pub async fn start(app: &App, flow_id: Uuid, ticket: &str) -> Result<Started> {
    let row = with_ticket(app, flow_id, ticket).await?;
    let cloud = provider::cloud(app, row.provider_id).await?;
    let login_hint = match row.connection_id {
        Some(id) => connection::Entity::find_by_id(id).one(app.database.read()).await?.and_then(|c| c.account_email),
        None => None,
    };
    let (state, binding, verifier) = (secret_word(app), secret_word(app), secret_word(app));
    let request = ConsentRequest {
        redirect_uri: row.redirect_uri.clone(),
        state: state.expose_secret().to_owned(),
        code_challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret())),
        login_hint,
    };
    let location = cloud.authorize(&request).map_err(|error| cloud_error(app, flow_id, error))?;
    let sealed = secret::seal(&app.keys, &app.randomness, verifier_place(flow_id), &verifier)?;
    let w = app.write(Actor::Browser { user_id: row.user_id, session_id: row.session_id }).await?;
    let taken = oauth_flow::Entity::update_many()
        .col_expr(oauth_flow::Column::StartedAt, Expr::value(w.now))
        .col_expr(oauth_flow::Column::StateHash, Expr::value(hash(state.expose_secret())))
        .col_expr(oauth_flow::Column::BindingHash, Expr::value(hash(binding.expose_secret())))
        .col_expr(oauth_flow::Column::Verifier, Expr::value(sealed))
        .filter(oauth_flow::Column::Id.eq(flow_id))
        .filter(oauth_flow::Column::StartedAt.is_null())
        .filter(oauth_flow::Column::ExpiresAt.gt(w.now))
        .exec(w.db())
        .await?;
    if taken.rows_affected != 1 {
        return Err(Error::not_found("consent"));
    }
    let seconds = (row.expires_at - w.now).num_seconds();
    w.commit().await?;
    Ok(Started { location, binding, seconds })
}

/// The e-mail address of the person a cloud account would be connected to, for asking before going on. Uses nothing up.
///
/// # Errors
/// As `start`.
pub async fn whose(app: &App, flow_id: Uuid, ticket: &str) -> Result<String> {
    let row = with_ticket(app, flow_id, ticket).await?;
    let person = user::Entity::find_by_id(row.user_id).one(app.database.read()).await?;
    Ok(person.ok_or(Error::not_found("consent"))?.email)
}

async fn with_ticket(app: &App, flow_id: Uuid, ticket: &str) -> Result<oauth_flow::Model> {
    let row = oauth_flow::Entity::find_by_id(flow_id).one(app.database.read()).await?;
    let row = row.ok_or(Error::not_found("consent"))?;
    let good = bool::from(hash(ticket).ct_eq(&row.ticket_hash));
    if !good || row.started_at.is_some() || row.expires_at <= app.clock.now() {
        return Err(Error::not_found("consent"));
    }
    Ok(row)
}

/// 256 bits as 43 letters: also a PKCE verifier as RFC 7636 section 4.1 wants it.
fn secret_word(app: &App) -> SecretString {
    URL_SAFE_NO_PAD.encode(app.randomness.bytes::<32>()).into()
}

pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

pub(super) fn verifier_place(flow_id: Uuid) -> Place<'static> {
    Place { table: "oauth_flow", column: "verifier", row: flow_id }
}
