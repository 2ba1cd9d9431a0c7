//! Reading groups. Everybody signed in may know which there are, so that they can share.

use hawser_entity::group;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{App, Error, Principal, Result, principal::Scope, user::contains};

/// All that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Text inside the name, whatever the case.
    pub search: Option<String>,
}

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<group::Model> {
    who.require(Scope::Read)?;
    group::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("group"))
}

/// Those of the ids that exist, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<group::Model>> {
    who.require(Scope::Read)?;
    Ok(group::Entity::find().filter(group::Column::Id.is_in(ids.iter().copied())).all(app.database.read()).await?)
}

/// In the order they were made, those after `after`.
pub async fn list(
    app: &App,
    who: &Principal,
    filter: &Filter,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<group::Model>> {
    who.require(Scope::Read)?;
    let mut query = group::Entity::find().filter(condition(filter));
    if let Some(after) = after {
        query = query.filter(group::Column::Id.gt(after));
    }
    Ok(query.order_by_asc(group::Column::Id).limit(limit).all(app.database.read()).await?)
}

pub async fn count(app: &App, who: &Principal, filter: &Filter) -> Result<u64> {
    who.require(Scope::Read)?;
    Ok(group::Entity::find().filter(condition(filter)).count(app.database.read()).await?)
}

fn condition(filter: &Filter) -> Condition {
    match &filter.search {
        Some(text) => Condition::all().add(contains(group::Column::Name, text)),
        None => Condition::all(),
    }
}
