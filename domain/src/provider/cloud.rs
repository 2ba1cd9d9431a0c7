//! The adapter of a configured provider: built from its row, kept until the row changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hawser_entity::provider;
use hawser_providers::{Endpoints, Provider, Settings};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    edit::place,
    look::{Availability, availability, kind, live, scopes},
};
use crate::{App, Error, Result, secret};

/// The adapters built so far, each with the revision of its row.
#[derive(Debug, Clone, Default)]
pub struct Clouds(Arc<Mutex<HashMap<Uuid, Built>>>);

type Built = (i64, Arc<dyn Provider>);

/// The cloud of a provider that is available.
///
/// # Errors
/// `NotFound`; `ProviderUnavailable` with the reason when it is switched off or incomplete.
pub async fn cloud(app: &App, provider_id: Uuid) -> Result<Arc<dyn Provider>> {
    let row = live(app.database.read(), provider_id).await?;
    if let Availability::Unavailable { reason } = availability(&row) {
        let message = format!("{reason} ({}); an administrator can mend it", row.name);
        return Err(Error::ProviderUnavailable { message, retry_at: None });
    }
    let known = app.clouds.0.lock().unwrap_or_else(PoisonError::into_inner).get(&row.id).cloned();
    if let Some((revision, adapter)) = known
        && revision == row.revision
    {
        return Ok(adapter);
    }
    let adapter = build(app, &row)?;
    let entry = (row.revision, adapter.clone());
    app.clouds.0.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, entry);
    Ok(adapter)
}

/// Whatever state the provider is in: for tests of a configuration, and for saying goodbye.
pub(crate) fn build(app: &App, row: &provider::Model) -> Result<Arc<dyn Provider>> {
    let client_secret = match &row.client_secret {
        Some(sealed) => secret::open(&app.keys, place(row.id), sealed)?,
        None => SecretString::default(),
    };
    let settings = Settings {
        provider_id: row.id.to_string(),
        client_id: row.client_id.clone(),
        client_secret,
        scopes: scopes(row),
        endpoints: Endpoints {
            authorization_url: row.authorization_url.clone(),
            token_url: row.token_url.clone(),
            revoke_url: row.revoke_url.clone(),
            api_url: row.api_url.clone(),
        },
    };
    Ok(kind(row)?.build(settings, app.http.clone()))
}
