//! Reading groups. Everybody signed in may know which there are, so that they can share.

use hawser_entity::group;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::Scope,
    user::contains,
};

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

/// In the order they were made.
pub async fn list(app: &App, who: &Principal, filter: &Filter, span: &Span<Uuid>) -> Result<Page<group::Model>> {
    who.require(Scope::Read)?;
    let all = group::Entity::find().filter(condition(filter));
    page::by_id(app.database.read(), all, group::Column::Id, false, span).await
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
