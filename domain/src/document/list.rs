//! Pages of documents: children of a folder, workspaces, everything below a place. Every page is cut by the sort key and
//! the id, so that it neither repeats nor skips while others write.

use chrono::{DateTime, Utc};
use hawser_entity::{
    document::{self, DocumentKind},
    document_ancestor,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::find::find;
use crate::{
    App, Error, Principal, Result, acl,
    page::{Page, Sorted, Span},
    principal::Scope,
};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Life {
    #[default]
    Live,
    /// What somebody put into the trash, without what went along.
    TrashRoots,
    Trashed,
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filter {
    /// Any kind when empty.
    pub kinds: Vec<DocumentKind>,
    pub life: Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    Name,
    /// The order of an ordered folder.
    Position,
    ModifiedAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    pub span: Span<Cursor>,
}

/// Those of the documents that the caller may read, in order, each with the cursor that names it.
///
/// # Errors
/// `NotFound` for the folder to look in; `Invalid` for a cursor of another order.
pub async fn list(app: &App, who: &Principal, list: &List) -> Result<Page<(Cursor, document::Model)>> {
    let order = order(app, who, list).await?;
    let span = list.span.try_map(|cursor| bound(order.sort, cursor))?;
    let by = [column(order.sort), Expr::col(document::Column::Id)];
    let sorted = Sorted { by, descending: order.descending };
    let visible = match list.within {
        Within::Anywhere => acl::visible_in_order(app.database.read(), who).await?,
        _ => acl::visible(who),
    };
    let page = sorted.read(app.database.read(), matching(visible, list), &span).await?;
    Ok(page.map(|row| (cursor(order.sort, &row), row)))
}

/// How many there are in all pages.
///
/// # Errors
/// As `list`.
pub async fn count(app: &App, who: &Principal, list: &List) -> Result<u64> {
    order(app, who, list).await?;
    Ok(matching(acl::visible(who), list).count(app.database.read()).await?)
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

/// Those of the visible documents that the list asks for.
pub(super) fn matching(visible: Condition, list: &List) -> Select<document::Entity> {
    let mut all = visible;
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

pub(super) fn column(sort: Sort) -> Expr {
    match sort {
        Sort::Name => Expr::col(document::Column::NameKey),
        Sort::Position => Expr::col(document::Column::Position).if_null(0i64),
        Sort::ModifiedAt => Expr::col(document::Column::ModifiedAt),
    }
}

pub(super) fn cursor(sort: Sort, row: &document::Model) -> Cursor {
    let key = match sort {
        Sort::Name => Key::Name(row.name_key.clone()),
        Sort::Position => Key::Position(row.position.unwrap_or_default()),
        Sort::ModifiedAt => Key::Modified(row.modified_at),
    };
    Cursor { key, id: row.id }
}

/// The cursor's row, as far as lists in this order compare it.
fn bound(sort: Sort, cursor: &Cursor) -> Result<[Value; 2]> {
    let key: Value = match (sort, &cursor.key) {
        (Sort::Name, Key::Name(key)) => key.clone().into(),
        (Sort::Position, Key::Position(key)) => (*key).into(),
        (Sort::ModifiedAt, Key::Modified(key)) => (*key).into(),
        _ => {
            let message = "this cursor belongs to a list in another order; begin without one";
            return Err(Error::invalid(&["after"], message));
        }
    };
    Ok([key, cursor.id.into()])
}
