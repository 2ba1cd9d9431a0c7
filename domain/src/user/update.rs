//! Changing a person: the name by themselves or an administrator, the role by an administrator.

use hawser_entity::user::{self, Role};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::{App, Error, Principal, Result, Write, principal::Scope};

/// What to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub role: Option<Role>,
}

/// # Errors
/// `Forbidden` for members who change others or roles; `WrongState` when no administrator would be left.
pub async fn update(app: &App, who: &Principal, id: Uuid, update: Update) -> Result<user::Model> {
    who.require(Scope::Write)?;
    if id != who.user_id || update.role.is_some() {
        who.require_admin()?;
    }
    let name = update.name.as_deref().map(super::checked_name).transpose()?;
    let w = app.write(who).await?;
    let before = user::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("user"))?;
    let mut row = before.clone().into_active_model();
    if let Some(name) = &name {
        row.name = Set(name.clone());
    }
    if let Some(role) = update.role {
        if role != Role::Admin {
            keep_an_admin(&w, &before).await.map_err(Error::at("role"))?;
        }
        row.role = Set(role);
    }
    w.changes_standings();
    let after = user::Entity::update(row).exec(w.db()).await?;
    w.audit("user.update", "user", Some(id), json!({ "name": name, "role": update.role })).await?;
    w.commit().await?;
    Ok(after)
}

/// Refuses to take the last administrator away.
pub(super) async fn keep_an_admin(w: &Write<'_>, user: &user::Model) -> Result<()> {
    if user.role != Role::Admin || user.disabled_at.is_some() {
        return Ok(());
    }
    let others = user::Entity::find()
        .filter(user::Column::Role.eq(Role::Admin))
        .filter(user::Column::DisabledAt.is_null())
        .filter(user::Column::Id.ne(user.id))
        .count(w.db())
        .await?;
    match others {
        0 => Err(Error::wrong_state("this is the last administrator; make somebody else one first")),
        _ => Ok(()),
    }
}
