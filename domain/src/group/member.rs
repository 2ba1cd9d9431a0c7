//! Who is in which group.

use std::collections::{BTreeSet, HashMap};

use hawser_entity::{group, group_member, user};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};
use serde_json::json;
use uuid::Uuid;

use super::change::{announce, begin, changeable};
use crate::{
    App, Error, Principal, Result,
    page::{self, Page, Span},
    principal::{EVERYONE, Scope},
};

/// Ids named in one statement.
const CHUNK: usize = 5000;

/// Adds a person. Doing it twice is no error.
///
/// # Errors
/// `Forbidden` unless by an administrator; `NotFound` for either; `WrongState` for the group of everyone.
pub async fn add_member(app: &App, who: &Principal, group_id: Uuid, user_id: Uuid) -> Result<group::Model> {
    let mut w = begin(app, who).await?;
    let group = changeable(&w, group_id).await?;
    let user = user::Entity::find_by_id(user_id).one(w.db()).await?;
    user.ok_or(Error::not_found("user")).map_err(Error::at("userId"))?;
    let row = group_member::ActiveModel { group_id: Set(group_id), user_id: Set(user_id) };
    let nothing =
        OnConflict::columns([group_member::Column::GroupId, group_member::Column::UserId]).do_nothing().to_owned();
    let added = group_member::Entity::insert(row).on_conflict(nothing).exec_without_returning(w.db()).await?;
    if added > 0 {
        announce(&mut w, group_id, &[]).await?;
        w.audit("group.member_add", "group", Some(group_id), json!({ "user": user_id })).await?;
        w.commit().await?;
    }
    Ok(group)
}

/// Removes a person. Doing it twice is no error.
///
/// # Errors
/// As for `add_member`.
pub async fn remove_member(app: &App, who: &Principal, group_id: Uuid, user_id: Uuid) -> Result<group::Model> {
    let mut w = begin(app, who).await?;
    let group = changeable(&w, group_id).await?;
    let removed = group_member::Entity::delete_by_id((group_id, user_id)).exec(w.db()).await?;
    if removed.rows_affected > 0 {
        announce(&mut w, group_id, &[user_id]).await?;
        w.audit("group.member_remove", "group", Some(group_id), json!({ "user": user_id })).await?;
        w.commit().await?;
    }
    Ok(group)
}

/// Adds to each audience whoever is in its groups now: who leaves a group later has still lost sight.
pub(crate) async fn add_members(db: &impl ConnectionTrait, audiences: &mut [&mut Vec<Uuid>]) -> Result<()> {
    let named: BTreeSet<Uuid> = audiences.iter().flat_map(|it| it.iter().copied()).collect();
    let mut members: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for chunk in Vec::from_iter(named).chunks(CHUNK) {
        let rows = group_member::Entity::find().filter(group_member::Column::GroupId.is_in(chunk.iter().copied()));
        for row in rows.all(db).await? {
            members.entry(row.group_id).or_default().push(row.user_id);
        }
    }
    for audience in audiences {
        let more: Vec<Uuid> = audience.iter().filter_map(|id| members.get(id)).flatten().copied().collect();
        audience.extend(more);
        audience.sort();
        audience.dedup();
    }
    Ok(())
}

/// The people of a group in the order they were added to the house.
///
/// # Errors
/// `NotAllowed` unless for an administrator or a member of the group.
pub async fn members(app: &App, who: &Principal, group_id: Uuid, span: &Span<Uuid>) -> Result<Page<user::Model>> {
    let all = user::Entity::find().filter(in_group(who, group_id)?);
    page::by_id(app.database.read(), all, user::Column::Id, false, span).await
}

pub async fn members_count(app: &App, who: &Principal, group_id: Uuid) -> Result<u64> {
    Ok(user::Entity::find().filter(in_group(who, group_id)?).count(app.database.read()).await?)
}

fn in_group(who: &Principal, group_id: Uuid) -> Result<Condition> {
    who.require(Scope::Read)?;
    if !who.is_admin() && !who.groups.contains(&group_id) {
        return Err(Error::not_allowed("group", "a member's"));
    }
    if group_id == EVERYONE {
        return Ok(Condition::all());
    }
    let ids = group_member::Entity::find()
        .select_only()
        .column(group_member::Column::UserId)
        .filter(group_member::Column::GroupId.eq(group_id));
    Ok(Condition::all().add(user::Column::Id.in_subquery(ids.into_query())))
}
