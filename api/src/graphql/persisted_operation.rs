//! Persisted operations: which there are, and who uses them how often.

use async_graphql::{Context, Description, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::persisted_operation::{self as operations, Used};

use super::{
    caller::{app, viewer},
    node::{Id, of},
    page::{self, Asked},
    scalar::{Cursor, Long},
};

/// An operation that clients call by an id instead of sending its text.
#[derive(Description)]
pub struct PersistedOperation(pub Used);

/// How often one client called a persisted operation, to within a few seconds.
#[derive(SimpleObject)]
struct PersistedOperationUse {
    /// What the client calls itself in the header `GraphQL-Client-Name`, or, where it says nothing, the name its manifest
    /// was imported under.
    client: String,
    /// How often it called.
    use_count: Long,
    /// When it called last; null when never.
    last_used_at: Option<DateTime<Utc>>,
}

#[Object(use_type_description)]
impl PersistedOperation {
    /// The id of this thing, which is not what clients call the operation by.
    pub async fn id(&self) -> Id<of::PersistedOperation> {
        self.0.row.id.into()
    }

    /// What clients send as `documentId`, with or without `sha256:` before it.
    async fn document_id(&self) -> &str {
        &self.0.row.key
    }

    /// The SHA-256 of the text, in hexadecimal digits: what clients may send as well.
    async fn hash(&self) -> &str {
        &self.0.row.hash
    }

    /// The name of the operation in it; null where it has none.
    async fn name(&self) -> Option<&str> {
        self.0.row.name.as_deref()
    }

    /// The text.
    async fn text(&self) -> &str {
        &self.0.row.text
    }

    /// The client whose manifest it came in with first.
    async fn client(&self) -> &str {
        &self.0.row.client
    }

    /// When it was imported first.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }

    /// How often it was called, by all clients together.
    async fn use_count(&self) -> Long {
        Long(self.0.uses.iter().map(|it| it.use_count).sum())
    }

    /// When it was called last; null when never.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.uses.iter().filter_map(|it| it.last_used_at).max()
    }

    /// The clients that imported or called it, by name. Beyond fifty they are taken together as `(others)`.
    async fn uses(&self) -> Vec<PersistedOperationUse> {
        let uses = self.0.uses.iter().map(|it| PersistedOperationUse {
            client: it.client.clone(),
            use_count: Long(it.use_count),
            last_used_at: it.last_used_at,
        });
        uses.collect()
    }
}

#[derive(Default)]
pub struct PersistedOperationQuery;

#[Object]
impl PersistedOperationQuery {
    /// The operations that were imported, newest first. For administrators.
    async fn persisted_operations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<PersistedOperation>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let span = Asked { first, after, last, before }.keys::<PersistedOperation, _>(ctx)?;
        let rows = operations::list(app, who, &span).await?;
        let total = page::total(ctx, operations::count(app, who)).await?;
        page::page(rows, total, |it| it.row.id, PersistedOperation)
    }
}
