//! The order of children in an ordered folder. Positions leave gaps, so that putting one between two others touches one
//! row; a used-up gap is opened again for the whole folder by one statement.

use hawser_entity::{
    change::{ChangeKind, Noun},
    document::{self, DocumentKind},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    find::{begin, expect_name_token, find_in},
    trash::expect_live,
    tree::{self, Lock},
};
use crate::{App, Error, Principal, Result, Write, acl::Permission, idempotency::Intent};

/// Between neighbours after spreading: twenty halvings.
const GAP: i64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Side {
    Before,
    After,
}

#[derive(Debug, Clone, Serialize)]
pub struct Reorder {
    pub id: Uuid,
    pub side: Side,
    /// A child of the same ordered folder.
    pub sibling_id: Uuid,
    pub expected_name_token: Option<i64>,
}

/// Puts a document right before or after one of its siblings. Announces MOVED.
///
/// # Errors
/// `NotFound`, `NotAllowed` without WRITE on the folder, `StaleToken`; `WrongState` in the trash and where the folder is not
/// an ordered one; `Invalid` for a sibling that is none.
pub async fn reorder(app: &App, who: &Principal, input: Reorder, key: Option<&str>) -> Result<document::Model> {
    let intent = Intent::new(key, "document.reorder", &input)?;
    let mut w = begin(app, who, Lock::Whole).await?;
    if let Some(id) = w.replay::<Uuid>(intent.as_ref()).await? {
        return find_in(w.db(), who, id, Permission::Read).await;
    }
    let document = find_in(w.db(), who, input.id, Permission::Read).await?;
    let (Some(parent), Some(_)) = (document.parent_id, document.position) else {
        return Err(Error::wrong_state("only children of an ordered folder have an order"));
    };
    find_in(w.db(), who, parent, Permission::Write).await?;
    expect_name_token(&document, input.expected_name_token)?;
    expect_live(&document)?;
    let sibling = match find_in(w.db(), who, input.sibling_id, Permission::Read).await {
        Err(Error::NotFound { .. }) => None,
        found => Some(found?),
    };
    let sibling = sibling.filter(|it| it.parent_id == Some(parent) && it.id != document.id);
    let Some(sibling) = sibling else {
        let side = if input.side == Side::Before { "before" } else { "after" };
        let message = "this is not another child of the same ordered folder";
        return Err(Error::invalid(&["input", "place", side], message));
    };
    let position = match between(&w, parent, &document, sibling.id, input.side).await? {
        Some(position) => position,
        None => {
            tree::run(w.db(), SPREAD, [parent.into(), GAP.into()]).await?;
            let opened = between(&w, parent, &document, sibling.id, input.side).await?;
            opened.ok_or_else(|| Error::Internal("spreading left no gap".into()))?
        }
    };
    let (id, token) = (document.id, document.name_token + 1);
    let mut active = document.into_active_model();
    active.position = Set(Some(position));
    active.name_token = Set(token);
    let document = active.update(w.db()).await?;
    w.announce(Noun::Document, id, ChangeKind::Moved);
    let detail = json!({ "side": input.side, "sibling": input.sibling_id });
    w.audit("document.reorder", "document", Some(id), detail).await?;
    w.remember(intent.as_ref(), &id).await?;
    w.commit().await?;
    Ok(document)
}

const SPREAD: &str = "UPDATE document SET position = ranked.n * $2 FROM \
     (SELECT id, ROW_NUMBER() OVER (ORDER BY position, id) AS n FROM document WHERE parent_id = $1) AS ranked \
     WHERE document.id = ranked.id";

/// The middle of the gap on that side of the sibling; none when it is used up. What lies in the trash keeps its place.
async fn between(
    w: &Write<'_>,
    parent: Uuid,
    moved: &document::Model,
    sibling: Uuid,
    side: Side,
) -> Result<Option<i64>> {
    let others = || {
        let all = document::Entity::find().filter(document::Column::ParentId.eq(parent));
        all.filter(document::Column::Id.ne(moved.id))
    };
    let found = others().filter(document::Column::Id.eq(sibling)).one(w.db()).await?;
    let at = found.and_then(|row| row.position).ok_or(Error::not_found("document"))?;
    let (low, high) = match side {
        Side::Before => {
            let below = others().filter(document::Column::Position.lte(at)).filter(document::Column::Id.ne(sibling));
            let low = below.order_by_desc(document::Column::Position).one(w.db()).await?.and_then(|row| row.position);
            (low.unwrap_or(at - 2 * GAP), at)
        }
        Side::After => {
            let above = others().filter(document::Column::Position.gte(at)).filter(document::Column::Id.ne(sibling));
            let high = above.order_by_asc(document::Column::Position).one(w.db()).await?.and_then(|row| row.position);
            (at, high.unwrap_or(at + 2 * GAP))
        }
    };
    Ok((high - low >= 2).then_some(low + (high - low) / 2))
}

/// The position behind all children of an ordered folder; none in any other place.
pub(super) async fn last(w: &Write<'_>, parent: Option<&document::Model>) -> Result<Option<i64>> {
    let Some(parent) = parent.filter(|parent| parent.kind == DocumentKind::OrderedFolder) else { return Ok(None) };
    let sql = "SELECT MAX(position) AS n FROM document WHERE parent_id = $1";
    Ok(Some(tree::number(w.db(), sql, [parent.id.into()]).await? + GAP))
}
