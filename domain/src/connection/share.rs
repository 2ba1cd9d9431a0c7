//! Letting others link through one's connection. They never see its tokens, and cannot pass it on.

use std::collections::BTreeSet;

use hawser_entity::{
    change::{ChangeKind, Noun},
    connection, connection_share, group, user,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use super::look;
use crate::{App, Error, Principal, Result, Write, change, document, group as groups, principal::Scope};

/// Users and groups that may be named at once.
const MOST: usize = 100;

/// Adds users and groups. Those who have it already are fine.
///
/// # Errors
/// `NotFound`; `NotAllowed` but for owner and administrators; `Invalid` for an unknown user or group.
pub async fn share(app: &App, who: &Principal, id: Uuid, principals: &[Uuid]) -> Result<connection::Model> {
    let row = manageable(app, who, id).await?;
    let distinct = distinct(principals)?;
    let mut w = document::begin(app, who, document::Lock::Leaf).await?;
    let users = user::Entity::find().filter(user::Column::Id.is_in(distinct.clone())).all(w.db()).await?;
    let groups = group::Entity::find().filter(group::Column::Id.is_in(distinct.clone())).all(w.db()).await?;
    let known: BTreeSet<Uuid> = users.into_iter().map(|it| it.id).chain(groups.into_iter().map(|it| it.id)).collect();
    if let Some(unknown) = principals.iter().position(|id| !known.contains(id)) {
        let path = ["input", "with", &unknown.to_string()];
        return Err(Error::invalid(&path, "there is no such user or group"));
    }
    let rows = distinct
        .iter()
        .map(|principal| connection_share::ActiveModel { connection_id: Set(id), principal_id: Set(*principal) });
    use connection_share::Column::{ConnectionId, PrincipalId};
    connection_share::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns([ConnectionId, PrincipalId]).do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.audit("connection.share", "connection", Some(id), json!({ "with": distinct })).await?;
    announce(&mut w, &row, ChangeKind::Access, Vec::new()).await?;
    w.commit().await?;
    Ok(row)
}

/// Takes users and groups away. What they have linked stays linked.
///
/// # Errors
/// `NotFound`; `NotAllowed` but for owner and administrators.
pub async fn unshare(app: &App, who: &Principal, id: Uuid, principals: &[Uuid]) -> Result<connection::Model> {
    let row = manageable(app, who, id).await?;
    let principals = distinct(principals)?;
    let mut w = document::begin(app, who, document::Lock::Leaf).await?;
    connection_share::Entity::delete_many()
        .filter(connection_share::Column::ConnectionId.eq(id))
        .filter(connection_share::Column::PrincipalId.is_in(principals.clone()))
        .exec(w.db())
        .await?;
    w.audit("connection.unshare", "connection", Some(id), json!({ "with": principals })).await?;
    announce(&mut w, &row, ChangeKind::Access, principals).await?;
    w.commit().await?;
    Ok(row)
}

/// A connection the caller may share and end.
pub(super) async fn manageable(app: &App, who: &Principal, id: Uuid) -> Result<connection::Model> {
    who.require(Scope::Write)?;
    let row = look::find(app, who, id).await?;
    if !look::may_manage(who, &row) {
        return Err(Error::not_allowed("connection", "owner's"));
    }
    Ok(row)
}

/// Tells the owner, everybody it is shared with, and those it was shared with until now.
pub(super) async fn announce(
    w: &mut Write<'_>,
    row: &connection::Model,
    kind: ChangeKind,
    formerly: Vec<Uuid>,
) -> Result<()> {
    let shares =
        connection_share::Entity::find().filter(connection_share::Column::ConnectionId.eq(row.id)).all(w.db()).await?;
    let mut audience: Vec<Uuid> = shares.into_iter().map(|share| share.principal_id).chain(formerly).collect();
    groups::add_members(w.db(), &mut [&mut audience]).await?;
    w.announce_with(change::New {
        noun: Noun::Connection,
        subject_id: row.id,
        kind,
        owner_id: Some(row.owner_id),
        audience: Some(audience).filter(|audience| !audience.is_empty()),
    });
    Ok(())
}

/// The same for all connections that are shared with a group, whose members come and go.
pub(crate) async fn announce_group(w: &mut Write<'_>, group_id: Uuid, formerly: &[Uuid]) -> Result<()> {
    let shares = connection_share::Entity::find().filter(connection_share::Column::PrincipalId.eq(group_id));
    let ids: Vec<Uuid> = shares.all(w.db()).await?.into_iter().map(|share| share.connection_id).collect();
    for id in ids {
        if let Some(row) = connection::Entity::find_by_id(id).one(w.db()).await? {
            announce(w, &row, ChangeKind::Access, formerly.to_vec()).await?;
        }
    }
    Ok(())
}

fn distinct(principals: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut principals = principals.to_vec();
    principals.sort();
    principals.dedup();
    if principals.is_empty() || principals.len() > MOST {
        return Err(Error::invalid(&["input", "with"], format!("name 1 to {MOST} users and groups")));
    }
    Ok(principals)
}
