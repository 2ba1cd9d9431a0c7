//! Finding documents: one by its id, workspaces, and whatever lies below a place.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use hawser_domain::{
    acl::Permission,
    document::{self as documents, Cursor as Place, Filter, Life, List, Model, Order, Sort, Within},
    page::Page,
};

use super::{Document, DocumentKind};
use crate::graphql::{
    caller::{app, viewer},
    error,
    loaders::{Few, loaders},
    node::{Id, of},
    page::{self, Asked, OrderDirection},
    scalar::Cursor,
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
    #[allow(clippy::too_many_arguments, reason = "the executor's arguments are the schema's")]
    async fn workspaces(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
        #[graphql(desc = "Another order than the usual one.")] order_by: Option<DocumentOrder>,
        #[graphql(desc = "Which of them; live ones unless told.")] filter: Option<DocumentFilter>,
    ) -> Result<page::Connection<Document>> {
        connection(ctx, Within::Root, Asked { first, after, last, before }, order_by, filter).await
    }

    /// All documents you may see, or all that lie below one of them, by name.
    #[allow(clippy::too_many_arguments, reason = "the executor's arguments are the schema's")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what lies below this document, however deep.")] below: Option<Id<of::Document>>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
        #[graphql(desc = "Another order than the usual one.")] order_by: Option<DocumentOrder>,
        #[graphql(desc = "Which of them; live ones of every kind unless told.")] filter: Option<DocumentFilter>,
    ) -> Result<page::Connection<Document>> {
        let within = below.map_or(Within::Anywhere, |id| Within::Below(id.0));
        connection(ctx, within, Asked { first, after, last, before }, order_by, filter).await
    }
}

pub(super) async fn connection(
    ctx: &Context<'_>,
    within: Within,
    asked: Asked,
    order_by: Option<DocumentOrder>,
    filter: Option<DocumentFilter>,
) -> Result<page::Connection<Document>> {
    let (list, span) = (list(within, order_by, filter), asked.keys::<Document, _>(ctx)?);
    let (app, who, list) = (app(ctx)?, viewer(ctx)?, List { span, ..list });
    let rows = documents::list(app, who, &list).await?;
    show(ctx, &list, rows).await
}

/// What is right below a document that is shown: the beginning or the end of it for many at once, the rest for each.
pub(super) async fn children(
    ctx: &Context<'_>,
    folder: &Model,
    asked: Asked,
    order_by: Option<DocumentOrder>,
    filter: Option<DocumentFilter>,
) -> Result<page::Connection<Document>> {
    if asked.after.is_some() || asked.before.is_some() {
        return connection(ctx, Within::Children(folder.id), asked, order_by, filter).await;
    }
    let (list, span) = (list(Within::Children(folder.id), order_by, filter), asked.span(ctx)?);
    let is_ordered = folder.kind == documents::DocumentKind::OrderedFolder;
    let usual = Order { sort: if is_ordered { Sort::Position } else { Sort::Name }, descending: false };
    let few = Few {
        folder: folder.id,
        filter: list.filter.clone(),
        order: list.order.unwrap_or(usual),
        most: span.most,
        from_end: span.from_end,
    };
    let rows = loaders(ctx)?.children.load_one(few).await?.unwrap_or_default();
    show(ctx, &list, rows).await
}

fn list(within: Within, order_by: Option<DocumentOrder>, filter: Option<DocumentFilter>) -> List {
    let order = order_by.map(|by| Order { sort: by.field.into(), descending: by.direction == OrderDirection::Desc });
    let filter = filter.map_or_else(Filter::default, |filter| Filter {
        kinds: filter.kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
        life: filter.life.into(),
    });
    List { within, filter, order, ..List::default() }
}

async fn show(ctx: &Context<'_>, list: &List, rows: Page<(Place, Model)>) -> Result<page::Connection<Document>> {
    let total = page::total(ctx, documents::count(app(ctx)?, viewer(ctx)?, list)).await?;
    page::page(rows, total, |(cursor, _)| cursor.clone(), |(_, row)| Document(row))
}
