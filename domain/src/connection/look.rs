//! Reading connections: one's own, those shared with one, and for administrators all. Tokens never leave with them.

use std::collections::HashMap;

use hawser_entity::{
    connection::{self, ConnectionState},
    connection_share,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::Scope,
};

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<connection::Model> {
    who.require(Scope::Read)?;
    let row = connection::Entity::find_by_id(id).filter(visible(who)).one(app.database.read()).await?;
    row.ok_or(Error::not_found("connection"))
}

/// Those of these that the caller may see, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<connection::Model>> {
    who.require(Scope::Read)?;
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        let some = connection::Entity::find().filter(visible(who)).filter(connection::Column::Id.is_in(chunk.to_vec()));
        found.extend(some.all(app.database.read()).await?);
    }
    Ok(found)
}

/// Which connections; all that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub provider_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub state: Option<ConnectionState>,
}

/// Oldest first.
pub async fn list(app: &App, who: &Principal, filter: Filter, span: &Span<Uuid>) -> Result<Page<connection::Model>> {
    let all = filtered(who, filter)?;
    page::by_id(app.database.read(), all, connection::Column::Id, false, span).await
}

pub async fn count(app: &App, who: &Principal, filter: Filter) -> Result<u64> {
    Ok(filtered(who, filter)?.count(app.database.read()).await?)
}

fn filtered(who: &Principal, filter: Filter) -> Result<Select<connection::Entity>> {
    who.require(Scope::Read)?;
    let given = [
        filter.provider_id.map(|id| connection::Column::ProviderId.eq(id)),
        filter.owner_id.map(|id| connection::Column::OwnerId.eq(id)),
        filter.state.map(|state| connection::Column::State.eq(state)),
    ];
    let all = connection::Entity::find().filter(visible(who));
    Ok(given.into_iter().flatten().fold(all, |all, condition| all.filter(condition)))
}

/// The users and groups each connection is shared with; connections without any are left out.
pub async fn shared_with(app: &App, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let mut shares: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows = connection_share::Entity::find()
            .filter(connection_share::Column::ConnectionId.is_in(chunk.iter().copied()))
            .order_by_asc(connection_share::Column::PrincipalId)
            .all(app.database.read())
            .await?;
        for row in rows {
            shares.entry(row.connection_id).or_default().push(row.principal_id);
        }
    }
    Ok(shares)
}

/// What the cloud has granted.
pub fn scopes(row: &connection::Model) -> Vec<String> {
    serde_json::from_value(row.scopes.clone()).unwrap_or_default()
}

/// Whether the caller may share, renew and end this connection; only the owner may renew it.
pub fn may_manage(who: &Principal, row: &connection::Model) -> bool {
    row.owner_id == who.user_id || who.is_admin()
}

/// Whether the caller may link through this connection.
pub async fn may_use(app: &App, who: &Principal, row: &connection::Model) -> Result<bool> {
    if row.owner_id == who.user_id {
        return Ok(true);
    }
    let share = connection_share::Entity::find()
        .filter(connection_share::Column::ConnectionId.eq(row.id))
        .filter(connection_share::Column::PrincipalId.is_in(who.ids()))
        .one(app.database.read())
        .await?;
    Ok(share.is_some())
}

fn visible(who: &Principal) -> Condition {
    if who.is_admin() {
        return Condition::all();
    }
    let shared = connection_share::Entity::find()
        .select_only()
        .column(connection_share::Column::ConnectionId)
        .filter(connection_share::Column::PrincipalId.is_in(who.ids()))
        .into_query();
    Condition::any().add(connection::Column::OwnerId.eq(who.user_id)).add(connection::Column::Id.in_subquery(shared))
}
