//! Finding documents: one by its id, workspaces, and whatever lies below a place.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use hawser_domain::{
    acl::Permission,
    document::{self as documents, Filter, Life, List, Order, Sort, Within},
};

use super::{Document, DocumentKind};
use crate::graphql::{
    caller::{app, viewer},
    error,
    node::{Id, of},
    page::{self, OrderDirection, Page},
};

/// Which life a document leads.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Life")]
pub enum DocumentLife {
    /// Not in the trash.
    Live,
    /// What somebody put into the trash, without what went along.
    TrashRoots,
    /// Everything in the trash.
    Trashed,
    /// In the trash or not.
    Any,
}

/// Which documents to list. All that is given must hold.
#[derive(InputObject)]
pub struct DocumentFilter {
    /// Of one of these kinds; of any kind when absent.
    kinds: Option<Vec<DocumentKind>>,
    /// In the trash or not.
    #[graphql(default_with = "DocumentLife::Live")]
    life: DocumentLife,
}

/// What documents can be sorted by.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Sort")]
pub enum DocumentOrderField {
    /// The name, whatever the case of its letters.
    Name,
    /// The order of an ordered folder.
    Position,
    /// When name, place or content last changed.
    ModifiedAt,
}

/// How to sort documents.
#[derive(InputObject)]
pub struct DocumentOrder {
    /// By what.
    field: DocumentOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

#[derive(Default)]
pub struct DocumentQuery;

#[Object]
impl DocumentQuery {
    /// One document, in the trash or not; null when there is none with this id, or none that you may see.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the document.")] id: Id<of::Document>,
    ) -> Result<Option<Document>> {
        let found = documents::find(app(ctx)?, viewer(ctx)?, id.0, Permission::Read).await;
        Ok(error::maybe(found)?.map(Document))
    }

    /// The workspaces you may see, by name: where everything begins.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn workspaces(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 50 unless told, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Begin behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Another order than the usual one.")] order_by: Option<DocumentOrder>,
        #[graphql(desc = "Which of them; live ones unless told.")] filter: Option<DocumentFilter>,
    ) -> Result<Page<Document>> {
        connection(ctx, Within::Root, first, after, order_by, filter).await
    }

    /// All documents you may see, or all that lie below one of them, by name.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "the executor's arguments are the schema's")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what lies below this document, however deep.")] below: Option<Id<of::Document>>,
        #[graphql(desc = "How many: 50 unless told, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Begin behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Another order than the usual one.")] order_by: Option<DocumentOrder>,
        #[graphql(desc = "Which of them; live ones of every kind unless told.")] filter: Option<DocumentFilter>,
    ) -> Result<Page<Document>> {
        let within = below.map_or(Within::Anywhere, |id| Within::Below(id.0));
        connection(ctx, within, first, after, order_by, filter).await
    }
}

pub(super) async fn connection(
    ctx: &Context<'_>,
    within: Within,
    first: Option<i32>,
    after: Option<String>,
    order_by: Option<DocumentOrder>,
    filter: Option<DocumentFilter>,
) -> Result<Page<Document>> {
    let (app, who) = (app(ctx)?, viewer(ctx)?);
    let wanted = page::wanted(first, after)?;
    let order = order_by.map(|by| Order { sort: by.field.into(), descending: by.direction == OrderDirection::Desc });
    let filter = filter.map_or_else(Filter::default, |filter| Filter {
        kinds: filter.kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
        life: filter.life.into(),
    });
    let list = List { within, filter, order, after: wanted.after.clone(), limit: wanted.limit };
    let rows = documents::list(app, who, &list).await?;
    let total = match page::counts(ctx) {
        true => i64::try_from(documents::count(app, who, &list).await?).ok(),
        false => None,
    };
    page::page(&wanted, rows, total, |(cursor, _)| cursor.clone(), |(_, row)| Document(row))
}
