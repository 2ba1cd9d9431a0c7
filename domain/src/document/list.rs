//! Pages of documents: children of a folder, workspaces, everything below a place. Every page is cut by the sort key and
//! the id, so that it neither repeats nor skips while others write.

use chrono::{DateTime, Utc};
use hawser_entity::{
    document::{self, DocumentKind},
    document_ancestor,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    Value,
    sea_query::{Expr, ExprTrait, Order as Direction, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::find::find;
use crate::{App, Error, Principal, Result, acl, principal::Scope};

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Within {
    #[default]
    Anywhere,
    /// Workspaces.
    Root,
    /// Right below this folder.
    Children(Uuid),
    /// Anywhere below this folder.
    Below(Uuid),
}

/// Which life a document leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Life {
    #[default]
    Live,
    /// What somebody put into the trash, without what went along.
    TrashRoots,
    Trashed,
    Any,
}

#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Any kind when empty.
    pub kinds: Vec<DocumentKind>,
    pub life: Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Name,
    /// The order of an ordered folder.
    Position,
    ModifiedAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub sort: Sort,
    pub descending: bool,
}

/// A place between two rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(flatten)]
    pub key: Key,
    pub id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    Name(String),
    Position(i64),
    Modified(DateTime<Utc>),
}

#[derive(Debug, Clone, Default)]
pub struct List {
    pub within: Within,
    pub filter: Filter,
    /// By position in an ordered folder and by name elsewhere when absent.
    pub order: Option<Order>,
    /// Begin behind this row.
    pub after: Option<Cursor>,
    pub limit: u64,
}

/// Those of the documents that the caller may read, in order, each with the cursor that names it.
///
/// # Errors
/// `NotFound` for the folder to look in; `Invalid` for a cursor of another order.
pub async fn list(app: &App, who: &Principal, list: &List) -> Result<Vec<(Cursor, document::Model)>> {
    let order = order(app, who, list).await?;
    let mut query = matching(who, list);
    if let Some(cursor) = &list.after {
        query = query.filter(beyond(order, cursor)?);
    }
    let direction = if order.descending { Direction::Desc } else { Direction::Asc };
    let rows = query
        .order_by(column(order.sort), direction.clone())
        .order_by(document::Column::Id, direction)
        .limit(list.limit)
        .all(app.database.read())
        .await?;
    Ok(rows.into_iter().map(|row| (cursor(order.sort, &row), row)).collect())
}

/// How many there are in all pages.
///
/// # Errors
/// As `list`.
pub async fn count(app: &App, who: &Principal, list: &List) -> Result<u64> {
    order(app, who, list).await?;
    Ok(matching(who, list).count(app.database.read()).await?)
}

/// Also finds out whether the caller may look there at all.
async fn order(app: &App, who: &Principal, list: &List) -> Result<Order> {
    who.require(Scope::Read)?;
    let mut usual = Order { sort: Sort::Name, descending: false };
    if let Within::Children(id) | Within::Below(id) = list.within {
        let folder = find(app, who, id, acl::Permission::Read).await?;
        if folder.kind == DocumentKind::OrderedFolder && list.within == Within::Children(id) {
            usual.sort = Sort::Position;
        }
    }
    Ok(list.order.unwrap_or(usual))
}

fn matching(who: &Principal, list: &List) -> Select<document::Entity> {
    let mut all = acl::visible(who);
    all = match list.within {
        Within::Anywhere => all,
        Within::Root => all.add(document::Column::ParentId.is_null()),
        Within::Children(id) => all.add(document::Column::ParentId.eq(id)),
        Within::Below(id) => {
            let below = document_ancestor::Entity::find()
                .select_only()
                .column(document_ancestor::Column::DocumentId)
                .filter(document_ancestor::Column::AncestorId.eq(id))
                .filter(document_ancestor::Column::Depth.gt(0))
                .into_query();
            all.add(document::Column::Id.in_subquery(below))
        }
    };
    all = match list.filter.life {
        Life::Any => all,
        Life::Live => all.add(document::Column::TrashRootId.is_null()),
        Life::Trashed => all.add(document::Column::TrashRootId.is_not_null()),
        Life::TrashRoots => all
            .add(document::Column::TrashRootId.is_not_null())
            .add(Expr::col(document::Column::TrashRootId).equals(document::Column::Id)),
    };
    if !list.filter.kinds.is_empty() {
        all = all.add(document::Column::Kind.is_in(list.filter.kinds.iter().copied()));
    }
    document::Entity::find().filter(all)
}

fn column(sort: Sort) -> SimpleExpr {
    match sort {
        Sort::Name => Expr::col(document::Column::NameKey),
        Sort::Position => Expr::col(document::Column::Position).if_null(0i64),
        Sort::ModifiedAt => Expr::col(document::Column::ModifiedAt),
    }
}

fn cursor(sort: Sort, row: &document::Model) -> Cursor {
    let key = match sort {
        Sort::Name => Key::Name(row.name_key.clone()),
        Sort::Position => Key::Position(row.position.unwrap_or_default()),
        Sort::ModifiedAt => Key::Modified(row.modified_at),
    };
    Cursor { key, id: row.id }
}

/// Rows behind the cursor's: with a key as far, and of these with a further key or a further id.
fn beyond(order: Order, cursor: &Cursor) -> Result<Condition> {
    let key: Value = match (order.sort, &cursor.key) {
        (Sort::Name, Key::Name(key)) => key.clone().into(),
        (Sort::Position, Key::Position(key)) => (*key).into(),
        (Sort::ModifiedAt, Key::Modified(key)) => (*key).into(),
        _ => {
            let message = "this cursor belongs to a list in another order; begin without one";
            return Err(Error::invalid(&["after"], message));
        }
    };
    let id = Expr::col(document::Column::Id);
    // The first of the two conditions says nothing new; it is what an index can begin from.
    let (from_key, past_key, past_id) = match order.descending {
        false => (column(order.sort).gte(key.clone()), column(order.sort).gt(key), id.gt(cursor.id)),
        true => (column(order.sort).lte(key.clone()), column(order.sort).lt(key), id.lt(cursor.id)),
    };
    Ok(Condition::all().add(from_key).add(Condition::any().add(past_key).add(past_id)))
}
