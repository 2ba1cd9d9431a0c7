//! Reading tokens: everybody sees their own, and of those what is still good.

use hawser_entity::token;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::Scope,
};

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<token::Model> {
    who.require(Scope::Read)?;
    let own = token::Entity::find_by_id(id).filter(token::Column::UserId.eq(who.user_id));
    own.one(app.database.read()).await?.ok_or(Error::not_found("token"))
}

/// The caller's tokens that are neither expired nor revoked, newest first.
pub async fn list(app: &App, who: &Principal, span: &Span<Uuid>) -> Result<Page<token::Model>> {
    who.require(Scope::Read)?;
    page::by_id(app.database.read(), token::Entity::find().filter(good(app, who)), token::Column::Id, true, span).await
}

pub async fn count(app: &App, who: &Principal) -> Result<u64> {
    who.require(Scope::Read)?;
    Ok(token::Entity::find().filter(good(app, who)).count(app.database.read()).await?)
}

fn good(app: &App, who: &Principal) -> Condition {
    Condition::all()
        .add(token::Column::UserId.eq(who.user_id))
        .add(token::Column::RevokedAt.is_null())
        .add(token::Column::ExpiresAt.gt(app.clock.now()))
}
