//! Finding documents by what is in them and what is known of them, within what the caller may see.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use hawser_domain::{
    Error,
    page::Page,
    search::{self, Hit, Order, Request, Sort},
};

use super::{
    caller::{app, viewer},
    document::Document,
    page::{self, Asked, OrderDirection},
    scalar::Cursor,
};

mod facet;
mod filter;
mod shown;

use facet::{SearchFacet, SearchFacetField};
use filter::SearchFilter;
use shown::{SearchHighlights, SearchWarning};

/// What hits are sorted by.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchSort {
    /// How well they fit; the best first, whatever the direction is called.
    Relevance,
    /// The document's name.
    Name,
    /// When the document or its content was last changed.
    Modified,
    /// When it was created.
    Created,
    /// The bytes of its file.
    Size,
}

/// The order of hits.
#[derive(InputObject, Debug)]
pub struct SearchOrder {
    /// What they are sorted by.
    sort: SearchSort,
    /// Which way; from great to small, or the best first, unless told.
    direction: Option<OrderDirection>,
}

/// A document that was found.
#[derive(Description)]
pub struct SearchHit(Hit);

#[Object(use_type_description)]
impl SearchHit {
    /// The document.
    async fn document(&self) -> Document {
        Document(self.0.document.clone())
    }

    /// What was found in it, in its surroundings.
    async fn highlights(&self) -> SearchHighlights<'_> {
        SearchHighlights(&self.0.highlights)
    }
}

/// What a search says besides its hits.
#[derive(SimpleObject)]
pub struct SearchTotals {
    /// How many there are on all pages together, of those you may see.
    total_count: i32,
    /// Whether that is exact; it is not while the index is being built, or when something changed during the search.
    total_is_exact: bool,
    /// How many there are of each kind, for the facets asked for, in their order.
    facets: Vec<SearchFacet>,
    /// What of the query was cut, or taken for something else than it may have been meant as.
    warnings: Vec<SearchWarning>,
    /// A query that may have been meant, where nothing was found.
    suggestion: Option<String>,
}

#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Finds documents by what is in them and what is known of them. The query is what people type: words, "exact phrases",
    /// beginnings like `har*`, `-without`, `this OR that`, parentheses, and fields such as `name:`, `title:`, `author:`,
    /// `ext:pdf`, `type:image`, `in:`, `owner:me`, `size:>10mb`, `modified:7d`, `taken:2026`. Nothing typed is an error; what
    /// was not understood is told in `warnings`.
    #[allow(clippy::too_many_arguments, reason = "the executor's arguments are the schema's")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look for, as typed; everything when empty.", default)] query: String,
        #[graphql(desc = "What must hold as well.")] filter: Option<SearchFilter>,
        #[graphql(desc = "The order; what fits best where there are words, else what was changed last.")]
        order_by: Option<SearchOrder>,
        #[graphql(desc = "By what to count.", default)] facets: Vec<SearchFacetField>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<SearchHit, SearchTotals>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let request = Request {
            text: query,
            filter: filter.map(SearchFilter::node).transpose()?.flatten(),
            order: order_by.map(order),
            plain: !wants_highlights(ctx),
            facets: facets.iter().map(|field| (*field).into()).collect(),
            span: Asked { first, after, last, before }.span(ctx)?.try_map(|cursor| Ok::<_, Error>(cursor.0.clone()))?,
        };
        let found = search::search(app, who, &request).await?;
        let totals = SearchTotals {
            total_count: page::count(found.total),
            total_is_exact: found.is_exact,
            facets: facet::shown(ctx, &facets, &found.facets).await?,
            warnings: found.warnings.into_iter().map(SearchWarning::from).collect(),
            suggestion: found.suggestion,
        };
        let page = Page { rows: found.hits, has_previous: found.has_previous, has_next: found.has_next };
        page::connection(page, totals, |hit| Ok((Cursor(hit.cursor.clone()), SearchHit(hit))))
    }
}

fn wants_highlights(ctx: &Context<'_>) -> bool {
    let asked = ctx.look_ahead();
    let in_edges = asked.field("edges").field("node").field("highlights");
    asked.field("nodes").field("highlights").exists() || in_edges.exists()
}

fn order(order: SearchOrder) -> Order {
    let sort = match order.sort {
        SearchSort::Relevance => Sort::Relevance,
        SearchSort::Name => Sort::Name,
        SearchSort::Modified => Sort::Modified,
        SearchSort::Created => Sort::Created,
        SearchSort::Size => Sort::Size,
    };
    let ascending = order.direction == Some(OrderDirection::Asc) && sort != Sort::Relevance;
    Order { sort, descending: !ascending }
}
