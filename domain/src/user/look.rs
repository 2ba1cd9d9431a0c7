//! Reading people. Everybody signed in may know who is there, so that they can share; addresses are for administrators.

use hawser_entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{App, Error, Principal, Result, principal::Scope};

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<user::Model> {
    who.require(Scope::Read)?;
    user::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("user"))
}

/// Those of the ids that exist, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<user::Model>> {
    who.require(Scope::Read)?;
    Ok(user::Entity::find().filter(user::Column::Id.is_in(ids.iter().copied())).all(app.database.read()).await?)
}

/// Whether `who` may see the address and the state of this person.
pub fn shows_email(who: &Principal, user: &user::Model) -> bool {
    who.is_admin() || who.user_id == user.id
}
