//! The way back from the cloud. The browser proves with its cookie that it is the one that left; the state is used up;
//! the code becomes tokens in a task of its own, because a browser that hangs up must not lose them.

use hawser_entity::{
    change::ChangeKind,
    connection::{self, ConnectionState},
    oauth_flow, token as session, user,
};
use hawser_providers::{self as providers, Access, Account, Consent, ErrorKind, Grant};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr,
};
use secrecy::SecretString;
use serde_json::json;
use subtle::ConstantTimeEq;
use url::Url;
use uuid::Uuid;

use super::{
    begin::{hash, verifier_place},
    flow::Problem,
    problem, share, token,
};
use crate::{App, Error, Result, Write, disturbance, feed, job, principal::Actor, provider, secret};

/// What the browser brings.
pub struct Callback<'a> {
    /// From the path: every provider has its own door.
    pub provider_id: Uuid,
    pub state: &'a str,
    pub answer: Answer,
    /// Who says to have answered (RFC 9207), where it is said.
    pub issuer: Option<&'a str>,
    /// The binding cookie of a consent, as the browser sent it.
    pub binding: &'a (dyn Fn(Uuid) -> Option<String> + Sync),
}

#[derive(Debug)]
pub enum Answer {
    Code(SecretString),
    /// The cloud's error word; `access_denied` when the person said no.
    Error(String),
}

#[derive(Debug)]
pub enum Ending {
    Connected(Box<connection::Model>),
    Failed(Problem),
}

/// Ends a consent: makes the connection, or renews it. Whatever happens, a state that fits is used up by it.
///
/// # Errors
/// Only faults of the house; everything the caller can bring about is a `Problem`.
pub async fn finish(app: &App, callback: Callback<'_>) -> Result<Ending> {
    let row = oauth_flow::Entity::find()
        .filter(oauth_flow::Column::StateHash.eq(hash(callback.state)))
        .one(app.database.read())
        .await?;
    let Some(row) = row else { return Ok(Ending::Failed(Problem::UnknownState)) };
    if row.provider_id != callback.provider_id {
        return Ok(Ending::Failed(Problem::OtherProvider));
    }
    let brought = (callback.binding)(row.id).map(|cookie| hash(&cookie)).unwrap_or_default();
    if !bool::from(brought.ct_eq(row.binding_hash.as_deref().unwrap_or(&[0]))) {
        return Ok(Ending::Failed(Problem::OtherBrowser));
    }
    if let Some(problem) = use_up(app, &row).await? {
        return Ok(Ending::Failed(problem));
    }
    let code = match callback.answer {
        Answer::Code(code) if issuer_fits(app, &row, callback.issuer).await? => Ok(code),
        Answer::Code(_) => Err((Problem::OtherProvider, "the answer names another issuer".to_owned())),
        Answer::Error(word) if word == "access_denied" => Err((Problem::Denied, word)),
        Answer::Error(word) => Err((Problem::Failed, word.chars().take(80).collect())),
    };
    let own = app.clone();
    let task = tokio::spawn(async move {
        let ended = match code {
            Ok(code) => connect(&own, &row, code).await,
            Err(refused) => Ok(Err(refused)),
        };
        match ended {
            Ok(Ok(connection)) => Ok(Ending::Connected(Box::new(connection))),
            Ok(Err((problem, why))) => record(&own, &row, problem, &why).await.map(|()| Ending::Failed(problem)),
            Err(error) => {
                record(&own, &row, Problem::Failed, "an internal error").await?;
                Err(error)
            }
        }
    });
    task.await.map_err(|error| Error::Internal(format!("a consent ended early: {error}")))?
}

/// Uses the state up, once; then looks whether the session that began is still good.
async fn use_up(app: &App, row: &oauth_flow::Model) -> Result<Option<Problem>> {
    let w = app.write(browser(row)).await?;
    let used = oauth_flow::Entity::update_many()
        .col_expr(oauth_flow::Column::UsedAt, Expr::value(w.now))
        .filter(oauth_flow::Column::Id.eq(row.id))
        .filter(oauth_flow::Column::UsedAt.is_null())
        .filter(oauth_flow::Column::ExpiresAt.gt(w.now))
        .exec(w.db())
        .await?;
    if used.rows_affected != 1 {
        return Ok(Some(Problem::UsedOrExpired));
    }
    let session = session::Entity::find_by_id(row.session_id).one(w.db()).await?;
    let person = user::Entity::find_by_id(row.user_id).one(w.db()).await?;
    let good = session.is_some_and(|session| session.revoked_at.is_none() && session.expires_at > w.now)
        && person.is_some_and(|person| person.disabled_at.is_none());
    if !good {
        note(&w, row, Problem::SessionEnded, "the session is over").await?;
    }
    w.commit().await?;
    Ok((!good).then_some(Problem::SessionEnded))
}

/// An issuer, where one is named, must live where the consent page does (mix-up, RFC 9207 section 2.4).
async fn issuer_fits(app: &App, row: &oauth_flow::Model, issuer: Option<&str>) -> Result<bool> {
    let Some(issuer) = issuer else { return Ok(true) };
    let provider = provider::live(app.database.read(), row.provider_id).await?;
    Ok(match (Url::parse(issuer), Url::parse(&provider.authorization_url)) {
        (Ok(issuer), Ok(page)) => issuer.origin() == page.origin(),
        _ => false,
    })
}

type Connected = std::result::Result<connection::Model, (Problem, String)>;

async fn connect(app: &App, row: &oauth_flow::Model, code: SecretString) -> Result<Connected> {
    let cloud = match provider::cloud(app, row.provider_id).await {
        Ok(cloud) => cloud,
        Err(Error::ProviderUnavailable { message, .. }) => return Ok(Err((Problem::CloudUnavailable, message))),
        Err(error) => return Err(error),
    };
    let sealed = row.verifier.as_deref().ok_or_else(|| Error::Internal("a consent without a verifier".into()))?;
    let verifier = secret::open(&app.keys, verifier_place(row.id), sealed)?;
    let consent = Consent { code, verifier, redirect_uri: row.redirect_uri.clone() };
    let grant = match cloud.exchange(&consent).await {
        Ok(grant) => grant,
        Err(error) => return Ok(Err(refusal(error))),
    };
    let asked = provider::scopes(&provider::live(app.database.read(), row.provider_id).await?);
    let granted = grant.scopes.clone().unwrap_or_else(|| asked.clone());
    let missing: Vec<_> = asked.into_iter().filter(|scope| !granted.contains(scope)).collect();
    if !missing.is_empty() {
        return Ok(Err((Problem::MissingScopes, format!("not given: {}", missing.join(" ")))));
    }
    let access = Access { connection_id: row.id.to_string(), token: grant.access_token.clone() };
    let account = match cloud.account(&access).await {
        Ok(account) => account,
        Err(error) => return Ok(Err(refusal(error))),
    };
    // The code is spent: another transaction's misfortune must not cost the person a second consent.
    let settled = disturbance::retried(app, || settle(app, row, &grant, &granted, account.clone()));
    let connection = match settled.await? {
        Ok(connection) => connection,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Err(error) = feed::open(app, &connection, None).await {
        tracing::warn!(connection = %connection.id, %error, "a feed could not be opened");
        let problem = format!("changes in the cloud are not followed yet: {error}");
        return Ok(Ok(problem::note(app, connection, problem).await?));
    }
    Ok(Ok(connection))
}

/// The one transaction that makes or renews the connection.
async fn settle(
    app: &App,
    row: &oauth_flow::Model,
    grant: &Grant,
    granted: &[String],
    account: Account,
) -> Result<Connected> {
    let mut w = app.write(browser(row)).await?;
    let known = match row.connection_id {
        Some(id) => connection::Entity::find_by_id(id).one(w.db()).await?,
        None => {
            connection::Entity::find()
                .filter(connection::Column::ProviderId.eq(row.provider_id))
                .filter(connection::Column::OwnerId.eq(row.user_id))
                .filter(connection::Column::RemoteAccountId.eq(&account.id))
                .one(w.db())
                .await?
        }
    };
    if let Some(known) = &known
        && known.remote_account_id != account.id
    {
        return Ok(Err((Problem::OtherAccount, "another account answered".into())));
    }
    let (id, version, old_refresh) = match &known {
        Some(known) => (known.id, known.token_version, known.refresh_token.clone()),
        None => (w.id(), 0, None),
    };
    let sealed = token::seal(app, id, grant, w.now)?;
    let is_new = known.is_none();
    let created_at = known.as_ref().map_or(w.now, |known| known.created_at);
    let active = connection::ActiveModel {
        id: Set(id),
        provider_id: Set(row.provider_id),
        owner_id: Set(row.user_id),
        remote_account_id: Set(account.id),
        account_email: Set(account.email),
        account_name: Set(account.name),
        state: Set(ConnectionState::Active),
        access_token: Set(Some(sealed.access)),
        refresh_token: Set(sealed.refresh.or(old_refresh)),
        expires_at: Set(sealed.expires_at),
        scopes: Set(json!(granted)),
        token_version: Set(version + 1),
        refresh_lease: Set(None),
        refresh_lease_until: Set(None),
        problem: Set(None),
        created_at: Set(created_at),
        modified_at: Set(w.now),
        last_used_at: Set(known.as_ref().and_then(|known| known.last_used_at)),
    };
    let connection = if is_new { active.insert(w.db()).await? } else { active.update(w.db()).await? };
    let resumed = job::resume_connection(&mut w, id).await?;
    if !is_new {
        let push = provider::live(w.db(), row.provider_id).await?.push;
        feed::catch_up(&mut w, &connection, push).await?;
    }
    let action = if is_new { "connection.create" } else { "connection.renew" };
    w.audit(action, "connection", Some(id), json!({ "scopes": granted, "resumed": resumed })).await?;
    let kind = if is_new { ChangeKind::Created } else { ChangeKind::Updated };
    share::announce(&mut w, &connection, kind, Vec::new()).await?;
    let mut outcome = row.clone().into_active_model();
    outcome.outcome_connection_id = Set(Some(id));
    outcome.verifier = Set(None);
    outcome.update(w.db()).await?;
    w.commit().await?;
    Ok(Ok(connection))
}

fn refusal(error: providers::Error) -> (Problem, String) {
    let problem = match error.kind {
        ErrorKind::BadClient => Problem::ClientRefused,
        ErrorKind::GrantRevoked | ErrorKind::BadRequest | ErrorKind::AccessExpired => Problem::CodeRefused,
        ErrorKind::MissingScope => Problem::MissingScopes,
        ErrorKind::Unavailable | ErrorKind::RateLimited | ErrorKind::QuotaExhausted | ErrorKind::Malformed => {
            Problem::CloudUnavailable
        }
        _ => Problem::Failed,
    };
    (problem, error.message)
}

async fn record(app: &App, row: &oauth_flow::Model, problem: Problem, why: &str) -> Result<()> {
    let w = app.write(browser(row)).await?;
    note(&w, row, problem, why).await?;
    w.commit().await?;
    Ok(())
}

async fn note(w: &Write<'_>, row: &oauth_flow::Model, problem: Problem, why: &str) -> Result<()> {
    oauth_flow::Entity::update_many()
        .col_expr(oauth_flow::Column::OutcomeError, Expr::value(problem.word()))
        .col_expr(oauth_flow::Column::Verifier, Expr::value(None::<Vec<u8>>))
        .filter(oauth_flow::Column::Id.eq(row.id))
        .exec(w.db())
        .await?;
    let detail = json!({ "flow": row.id, "problem": problem.word(), "why": why });
    w.audit("connection.refused", "provider", Some(row.provider_id), detail).await
}

fn browser(row: &oauth_flow::Model) -> Actor<'static> {
    Actor::Browser { user_id: row.user_id, session_id: row.session_id }
}
