//! Making, renaming and deleting groups: for administrators.

use hawser_entity::{group, group_member};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result, Write, acl, connection,
    document::{self as documents, Lock},
    idempotency::Intent,
    name,
    principal::Scope,
    user::checked_name,
};

/// # Errors
/// `Forbidden` unless by an administrator; `NameTaken`; `Invalid` for an unfit name; `KeyReused`.
pub async fn create(app: &App, who: &Principal, name: &str, key: Option<&str>) -> Result<group::Model> {
    let intent = Intent::new(key, "group.create", &name)?;
    let name = checked_name(name)?;
    let w = begin(app, who).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return group::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("group"));
    }
    let row = group::ActiveModel {
        id: Set(w.id()),
        name: Set(name.clone()),
        name_key: Set(name::key(&name)),
        built_in: Set(false),
        created_at: Set(w.now),
    };
    let made = group::Entity::insert(row).exec_with_returning(w.db()).await.map_err(|error| taken(error, &name))?;
    w.audit("group.create", "group", Some(made.id), json!({ "name": name })).await?;
    w.remember(intent.as_ref(), &made.id).await?;
    w.commit().await?;
    Ok(made)
}

/// # Errors
/// As for `create`; `WrongState` for the group of everyone.
pub async fn rename(app: &App, who: &Principal, id: Uuid, name: &str) -> Result<group::Model> {
    let name = checked_name(name)?;
    let w = begin(app, who).await?;
    let before = changeable(&w, id).await?;
    let mut row = before.into_active_model();
    row.name = Set(name.clone());
    row.name_key = Set(name::key(&name));
    let after = group::Entity::update(row).exec(w.db()).await.map_err(|error| taken(error, &name))?;
    w.audit("group.update", "group", Some(id), json!({ "name": name })).await?;
    w.commit().await?;
    Ok(after)
}

/// Deletes a group; its members stay, and permissions given to it are worth nothing from then on.
///
/// # Errors
/// `Forbidden`; `NotFound`; `WrongState` for the group of everyone.
pub async fn delete(app: &App, who: &Principal, id: Uuid) -> Result<()> {
    let mut w = begin(app, who).await?;
    let before = changeable(&w, id).await?;
    let members = group_member::Entity::find().filter(group_member::Column::GroupId.eq(id)).all(w.db()).await?;
    let members: Vec<Uuid> = members.into_iter().map(|member| member.user_id).collect();
    if !members.is_empty() {
        announce(&mut w, id, &members).await?;
    }
    group::Entity::delete_by_id(id).exec(w.db()).await?;
    w.audit("group.delete", "group", Some(id), json!({ "name": before.name })).await?;
    w.commit().await?;
    Ok(())
}

/// Tells who may see more now, and `formerly` that they may see less.
pub(super) async fn announce(w: &mut Write<'_>, id: Uuid, formerly: &[Uuid]) -> Result<()> {
    w.changes_standings();
    acl::announce_group(w, id, formerly).await?;
    connection::announce_group(w, id, formerly).await
}

pub(super) async fn begin<'a>(app: &'a App, who: &'a Principal) -> Result<Write<'a>> {
    who.require(Scope::Write)?;
    who.require_admin()?;
    // Nobody is to be given a document through this group while its members are told what they may lose.
    documents::begin(app, who, Lock::Whole).await
}

pub(super) async fn changeable(w: &Write<'_>, id: Uuid) -> Result<group::Model> {
    let group = group::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("group"))?;
    if group.built_in {
        return Err(Error::wrong_state("everybody is in this group; it cannot be changed"));
    }
    Ok(group)
}

fn taken(error: DbErr, name: &str) -> Error {
    match Error::is_unique_violation(&error) {
        true => Error::NameTaken { name: name.to_owned(), existing: None },
        false => error.into(),
    }
}
