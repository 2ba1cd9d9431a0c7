//! Reading groups. Everybody signed in may know which there are, so that they can share.

use hawser_entity::group;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{App, Error, Principal, Result, principal::Scope};

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<group::Model> {
    who.require(Scope::Read)?;
    group::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("group"))
}

/// Those of the ids that exist, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<group::Model>> {
    who.require(Scope::Read)?;
    Ok(group::Entity::find().filter(group::Column::Id.is_in(ids.iter().copied())).all(app.database.read()).await?)
}
