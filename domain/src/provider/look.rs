//! Reading providers. Everybody signed in sees which clouds there are; what is configured is for administrators.

use hawser_entity::provider;
use hawser_providers::ProviderKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{Page, Sorted, Span},
    principal::Scope,
};

/// Whether people can connect accounts and calls can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    Available,
    Unavailable { reason: &'static str },
}

pub fn availability(row: &provider::Model) -> Availability {
    let reason = if row.deleted_at.is_some() {
        "the provider was deleted"
    } else if !row.enabled {
        "the provider is switched off"
    } else if row.client_id.is_empty() {
        "the client id is missing"
    } else if row.client_secret.is_none() {
        "the client secret is missing"
    } else if scopes(row).is_empty() {
        "no scopes are configured"
    } else if ProviderKind::from_word(&row.kind).is_none() {
        "this version does not know the cloud"
    } else {
        return Availability::Available;
    };
    Availability::Unavailable { reason }
}

/// # Errors
/// `Internal` for a row written by a version that knew more clouds.
pub fn kind(row: &provider::Model) -> Result<ProviderKind> {
    ProviderKind::from_word(&row.kind)
        .ok_or_else(|| Error::Internal(format!("the provider {} is of an unknown kind {:?}", row.id, row.kind)))
}

/// What is asked for at the consent, and needed from its answer.
pub fn scopes(row: &provider::Model) -> Vec<String> {
    serde_json::from_value(row.scopes.clone()).unwrap_or_default()
}

/// The address the cloud sends people back to: what the administrator registers there, byte for byte.
pub fn redirect_uri(app: &App, provider_id: Uuid) -> String {
    format!("{}/oauth/callback/{provider_id}", app.config.public_url())
}

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<provider::Model> {
    who.require(Scope::Read)?;
    live(app.database.read(), id).await
}

/// Those of the ids that exist, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<provider::Model>> {
    who.require(Scope::Read)?;
    let found = provider::Entity::find()
        .filter(provider::Column::Id.is_in(ids.iter().copied()))
        .filter(provider::Column::DeletedAt.is_null());
    Ok(found.all(app.database.read()).await?)
}

/// By name. A row is named by its name key and its id.
pub async fn list(app: &App, who: &Principal, span: &Span<(String, Uuid)>) -> Result<Page<provider::Model>> {
    who.require(Scope::Read)?;
    let all = provider::Entity::find().filter(provider::Column::DeletedAt.is_null());
    let by = [provider::Column::NameKey, provider::Column::Id].map(Expr::col);
    let span = span.try_map(|(name, id)| Ok::<_, Error>([name.clone().into(), (*id).into()]))?;
    Sorted { by, descending: false }.read(app.database.read(), all, &span).await
}

pub async fn count(app: &App, who: &Principal) -> Result<u64> {
    who.require(Scope::Read)?;
    let all = provider::Entity::find().filter(provider::Column::DeletedAt.is_null());
    Ok(all.count(app.database.read()).await?)
}

pub(crate) async fn live(db: &impl ConnectionTrait, id: Uuid) -> Result<provider::Model> {
    let row = provider::Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(Error::not_found("provider"))
}
