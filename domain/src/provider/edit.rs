//! Creating, changing and deleting providers: for administrators.

use hawser_entity::{
    change::{ChangeKind, Noun},
    connection::{self, ConnectionState},
    content, provider,
};
use hawser_providers::ProviderKind;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{form, form::Form, look};
use crate::{
    App, Error, Principal, Result, Write,
    connection::revoke_at_clouds,
    idempotency::Intent,
    secret::{self, Place},
};

/// Adds a provider. Only a name is needed; the rest has the kind's defaults.
///
/// # Errors
/// `Forbidden` but for administrators; `Faults` with everything wrong in the form; `NameTaken`.
pub async fn create(
    app: &App,
    who: &Principal,
    kind: ProviderKind,
    form: &Form,
    key: Option<&str>,
) -> Result<provider::Model> {
    who.require_admin()?;
    let intent = Intent::new(key, "provider.create", &(kind, form))?;
    let mut w = app.write(who).await?;
    if let Some(id) = w.replay(intent.as_ref()).await? {
        return look::live(w.db(), id).await;
    }
    let mut row = form::blank(app, kind, w.id(), w.now);
    // A name is the one thing without a default.
    let named = Form { name: Some(form.name.clone().unwrap_or_default()), ..form.clone() };
    named.lay_over(app, kind, &mut row)?;
    keep_secret(app, form, &mut row)?;
    refuse_taken(&w, &row).await?;
    let row = form::all_set(row).insert(w.db()).await?;
    let detail = json!({ "kind": row.kind, "name": row.name, "has_secret": row.client_secret.is_some() });
    w.audit("provider.create", "provider", Some(row.id), detail).await?;
    w.remember(intent.as_ref(), &row.id).await?;
    w.announce(Noun::Provider, row.id, ChangeKind::Created);
    w.commit().await?;
    Ok(row)
}

/// Changes what the form names. `revision` is the one the caller has read.
///
/// # Errors
/// As `create`; `StaleToken` when somebody else was faster.
pub async fn update(app: &App, who: &Principal, id: Uuid, revision: i64, form: &Form) -> Result<provider::Model> {
    who.require_admin()?;
    let mut w = app.write(who).await?;
    let before = current(&w, id, revision).await?;
    let mut row = before.clone();
    form.lay_over(app, look::kind(&before)?, &mut row)?;
    keep_secret(app, form, &mut row)?;
    refuse_taken(&w, &row).await?;
    let changed = differences(&before, &row);
    if changed.is_empty() {
        return Ok(before);
    }
    row.revision += 1;
    row.modified_at = w.now;
    let row = form::all_set(row).update(w.db()).await?;
    if before.poll_seconds != row.poll_seconds || (row.push && !before.push) {
        crate::feed::reschedule(&mut w, &row).await?;
    }
    w.audit("provider.update", "provider", Some(id), json!({ "name": row.name, "changed": changed })).await?;
    w.announce(Noun::Provider, id, ChangeKind::Updated);
    w.commit().await?;
    Ok(row)
}

/// Deletes a provider. With `force` its connections are revoked first, at the cloud too; documents stay, but their
/// bytes are out of reach. Returns how many documents that are.
///
/// # Errors
/// `WrongState` while connections exist and `force` is not given, saying how much hangs on it; `StaleToken`.
pub async fn delete(app: &App, who: &Principal, id: Uuid, revision: i64, force: bool) -> Result<u64> {
    who.require_admin()?;
    if force && look::live(app.database.read(), id).await?.revision == revision {
        let connections = connection::Entity::find().filter(connection::Column::ProviderId.eq(id));
        crate::feed::stop_pushes_of(app, &connections.all(app.database.read()).await?).await;
    }
    let mut w = app.write(who).await?;
    let row = current(&w, id, revision).await?;
    let connections = connection::Entity::find()
        .filter(connection::Column::ProviderId.eq(id))
        .filter(connection::Column::State.ne(ConnectionState::Revoked))
        .all(w.db())
        .await?;
    let documents = documents_of(&w, id).await?;
    if !connections.is_empty() && !force {
        return Err(Error::wrong_state(format!(
            "{} connection(s) with {documents} document(s) use this provider; delete it with force to revoke them: \
             the documents stay, but their bytes are out of reach",
            connections.len()
        )));
    }
    let (count, mut grants) = (connections.len(), Vec::new());
    for connection in connections {
        grants.extend(crate::connection::wipe(&mut w, connection).await?);
    }
    let mut gone = row.clone().into_active_model();
    gone.client_secret = Set(None);
    gone.enabled = Set(false);
    gone.revision = Set(revision + 1);
    gone.modified_at = Set(w.now);
    gone.deleted_at = Set(Some(w.now));
    gone.update(w.db()).await?;
    let detail = json!({ "name": row.name, "connections": count, "documents": documents });
    w.audit("provider.delete", "provider", Some(id), detail).await?;
    w.announce(Noun::Provider, id, ChangeKind::Deleted);
    w.commit().await?;
    revoke_at_clouds(app, &row, grants).await;
    Ok(documents)
}

async fn current(w: &Write<'_>, id: Uuid, revision: i64) -> Result<provider::Model> {
    let row = look::live(w.db(), id).await?;
    match row.revision == revision {
        true => Ok(row),
        false => Err(Error::StaleToken { noun: "provider", current: row.revision.to_string() }),
    }
}

async fn documents_of(w: &Write<'_>, provider_id: Uuid) -> Result<u64> {
    let connections = connection::Entity::find()
        .select_only()
        .column(connection::Column::Id)
        .filter(connection::Column::ProviderId.eq(provider_id))
        .into_query();
    let documents = content::Entity::find().filter(content::Column::ConnectionId.in_subquery(connections));
    Ok(documents.count(w.db()).await?)
}

fn keep_secret(app: &App, form: &Form, row: &mut provider::Model) -> Result<()> {
    let Some(secret) = form.client_secret.as_ref().map(|secret| secret.expose_secret().trim()) else { return Ok(()) };
    row.client_secret = match secret {
        "" => None,
        secret => Some(secret::seal(&app.keys, &app.randomness, place(row.id), &SecretString::from(secret))?),
    };
    Ok(())
}

/// Where a provider's secret stands.
pub(super) fn place(id: Uuid) -> Place<'static> {
    Place { table: "provider", column: "client_secret", row: id }
}

async fn refuse_taken(w: &Write<'_>, row: &provider::Model) -> Result<()> {
    let other = provider::Entity::find()
        .filter(provider::Column::NameKey.eq(&row.name_key))
        .filter(provider::Column::DeletedAt.is_null())
        .filter(provider::Column::Id.ne(row.id))
        .one(w.db())
        .await?;
    match other {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            &["input", "name"],
            format!("another provider is called {:?}; choose another name", row.name),
        )),
    }
}

/// The names of the fields that differ; their values stay out of the audit.
fn differences(before: &provider::Model, after: &provider::Model) -> Vec<&'static str> {
    let all = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("client_id", before.client_id != after.client_id),
        ("client_secret", before.client_secret != after.client_secret),
        ("authorization_url", before.authorization_url != after.authorization_url),
        ("token_url", before.token_url != after.token_url),
        ("revoke_url", before.revoke_url != after.revoke_url),
        ("api_url", before.api_url != after.api_url),
        ("scopes", before.scopes != after.scopes),
        ("enabled", before.enabled != after.enabled),
        ("poll_seconds", before.poll_seconds != after.poll_seconds),
        ("push", before.push != after.push),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}
