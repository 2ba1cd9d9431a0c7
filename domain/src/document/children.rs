//! The first or last children of many folders at once: a list of folders with a few children each is one statement.

use std::collections::HashMap;

use hawser_entity::document;
use sea_orm::{
    EntityTrait, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, Asterisk, Expr, Order as Direction, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::list::{Cursor, Filter, List, Order, Within, column, cursor, matching};
use crate::{
    App, Principal, Result, acl,
    page::{Page, Span},
    principal::Scope,
};

/// Folders of one statement.
const MOST: usize = 50;

/// Pages of the children that the caller may read; `span` has no bounds. Whoever asks saw the folders already, so they
/// are not looked for again; folders without children are absent.
pub async fn children(
    app: &App,
    who: &Principal,
    folders: &[Uuid],
    filter: &Filter,
    order: Order,
    span: &Span<Cursor>,
) -> Result<HashMap<Uuid, Page<(Cursor, document::Model)>>> {
    who.require(Scope::Read)?;
    let db = app.database.read();
    let direction = if order.descending == span.from_end { Direction::Asc } else { Direction::Desc };
    let mut found: HashMap<Uuid, Vec<document::Model>> = HashMap::new();
    for folders in folders.chunks(MOST) {
        let mut each = folders.iter().map(|folder| {
            let list = List { within: Within::Children(*folder), filter: filter.clone(), ..List::default() };
            let some = matching(acl::visible(who), &list)
                .order_by(column(order.sort), direction.clone())
                .order_by(document::Column::Id, direction.clone())
                .limit(span.most.saturating_add(1));
            // Only inside of another may a part of a union have an order and a limit.
            whole(some.into_query())
        });
        let Some(mut all) = each.next() else { continue };
        all.unions(each.map(|some| (UnionType::All, some)));
        let mut sorted = whole(all);
        sorted.order_by_expr(column(order.sort), direction.clone());
        sorted.order_by_expr(Expr::col(document::Column::Id), direction.clone());
        let statement = sea_orm::ConnectionTrait::get_database_backend(db).build(&sorted);
        for row in document::Entity::find().from_raw_sql(statement).all(db).await? {
            if let Some(folder) = row.parent_id {
                found.entry(folder).or_default().push(row);
            }
        }
    }
    let page = |rows| Page::cut(span, rows).map(|row| (cursor(order.sort, &row), row));
    Ok(found.into_iter().map(|(folder, rows)| (folder, page(rows))).collect())
}

fn whole(query: SelectStatement) -> SelectStatement {
    Query::select().column(Asterisk).from_subquery(query, Alias::new("some")).to_owned()
}
