//! Reading people. Everybody signed in may know who is there, so that they can share; addresses are for administrators.

use hawser_entity::user;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, Func, LikeExpr},
};
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::Scope,
};

/// All that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Text inside the name, or, for administrators, inside the address, whatever the case.
    pub search: Option<String>,
    /// Leave out those who cannot sign in.
    pub enabled_only: bool,
}

pub async fn find(app: &App, who: &Principal, id: Uuid) -> Result<user::Model> {
    who.require(Scope::Read)?;
    user::Entity::find_by_id(id).one(app.database.read()).await?.ok_or(Error::not_found("user"))
}

/// For the command line: who has this address.
pub async fn find_by_email(app: &App, email: &str) -> Result<user::Model> {
    let found = user::Entity::find().filter(user::Column::EmailKey.eq(super::email_key(email)));
    found.one(app.database.read()).await?.ok_or(Error::not_found("user"))
}

/// Those of the ids that exist, in no order.
pub async fn find_many(app: &App, who: &Principal, ids: &[Uuid]) -> Result<Vec<user::Model>> {
    who.require(Scope::Read)?;
    Ok(user::Entity::find().filter(user::Column::Id.is_in(ids.iter().copied())).all(app.database.read()).await?)
}

/// In the order they were added.
pub async fn list(app: &App, who: &Principal, filter: &Filter, span: &Span<Uuid>) -> Result<Page<user::Model>> {
    who.require(Scope::Read)?;
    let all = user::Entity::find().filter(condition(who, filter));
    page::by_id(app.database.read(), all, user::Column::Id, false, span).await
}

pub async fn count(app: &App, who: &Principal, filter: &Filter) -> Result<u64> {
    who.require(Scope::Read)?;
    Ok(user::Entity::find().filter(condition(who, filter)).count(app.database.read()).await?)
}

/// Whether `who` may see the address and the state of this person.
pub fn shows_email(who: &Principal, user: &user::Model) -> bool {
    who.is_admin() || who.user_id == user.id
}

fn condition(who: &Principal, filter: &Filter) -> Condition {
    let mut all = Condition::all();
    if filter.enabled_only {
        all = all.add(user::Column::DisabledAt.is_null());
    }
    if let Some(text) = &filter.search {
        let mut any = Condition::any().add(contains(user::Column::Name, text));
        if who.is_admin() {
            any = any.add(contains(user::Column::Email, text));
        }
        all = all.add(any);
    }
    all
}

/// Whether the column holds the text, whatever the case.
pub(crate) fn contains(column: impl sea_orm::sea_query::IntoColumnRef, text: &str) -> Expr {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}
