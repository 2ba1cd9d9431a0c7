//! Linking cloud files, and reading one anew.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use hawser_domain::{
    content::{self, Item},
    entity::document,
    extraction,
};

use crate::graphql::{
    caller::{app, viewer},
    document::Document,
    error::{self, UserError},
    job::Job,
    node::{Id, of},
};

/// One cloud file to link.
#[derive(InputObject)]
struct DocumentLinkItem {
    /// The cloud's id of the file, as browsing shows it.
    cloud_file_id: String,
    /// The resource key, for files shared by link.
    resource_key: Option<String>,
    /// What the document is to be called; the file's own name when absent.
    name: Option<String>,
}

/// Links cloud files into a folder.
#[derive(InputObject)]
struct DocumentLinkInput {
    /// The folder.
    parent_id: Id<of::Document>,
    /// The connection through which the files are read.
    connection_id: Id<of::Connection>,
    /// The files, 500 at most.
    items: Vec<DocumentLinkItem>,
    /// Made up by you for this request: repeating it with the same key gives the same answer and links nothing twice.
    idempotency_key: Option<String>,
}

/// What became of one item.
#[derive(SimpleObject)]
struct DocumentLinkResult {
    /// The document; null where this file could not be linked.
    document: Option<Document>,
    /// What has to be mended for this file.
    user_errors: Vec<UserError>,
}

/// The outcome of `documentLink`.
#[derive(SimpleObject)]
struct DocumentLinkPayload {
    /// One result per item, in order; empty where the request as a whole was refused.
    results: Vec<DocumentLinkResult>,
    /// What has to be mended before anything can be linked.
    user_errors: Vec<UserError>,
}

/// Names a document.
#[derive(InputObject)]
struct DocumentRefreshInput {
    /// The document.
    id: Id<of::Document>,
}

/// The outcome of `documentRefresh`.
#[derive(SimpleObject)]
struct DocumentRefreshPayload {
    /// The job that reads the file; null where none was made.
    job: Option<Job>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Names a document whose content is to be read once more.
#[derive(InputObject)]
struct DocumentExtractInput {
    /// The document.
    id: Id<of::Document>,
}

/// The outcome of `documentExtract`.
#[derive(SimpleObject)]
struct DocumentExtractPayload {
    /// The job that reads the content; null where none was made.
    job: Option<Job>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ContentMutation;

#[Object]
impl ContentMutation {
    /// Makes documents of cloud files, up to 500 at once, with a result for each. Everything about a file is taken from
    /// its cloud.
    async fn document_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to link, and where.")] input: DocumentLinkInput,
    ) -> Result<DocumentLinkPayload> {
        let items: Vec<_> = input
            .items
            .into_iter()
            .map(|item| Item { remote_id: item.cloud_file_id, resource_key: item.resource_key, name: item.name })
            .collect();
        let (connection, parent) = (input.connection_id.0, input.parent_id.0);
        let key = input.idempotency_key.as_deref();
        let linked = content::link(app(ctx)?, viewer(ctx)?, connection, parent, &items, key).await;
        let (linked, user_errors) = error::about(&["input", "parentId"], linked)?;
        let results = linked.unwrap_or_default().into_iter().enumerate().map(result).collect::<Result<_>>()?;
        Ok(DocumentLinkPayload { results, user_errors })
    }

    /// Reads one document's file anew, now instead of by the clock.
    async fn document_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which document.")] input: DocumentRefreshInput,
    ) -> Result<DocumentRefreshPayload> {
        let (job, user_errors) = error::split(content::ask_refresh(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(DocumentRefreshPayload { job: job.map(Job), user_errors })
    }

    /// Reads the text and the metadata of one document's content once more, after that failed. What was read well stays.
    async fn document_extract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which document.")] input: DocumentExtractInput,
    ) -> Result<DocumentExtractPayload> {
        let (job, user_errors) = error::split(extraction::ask(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(DocumentExtractPayload { job: job.map(Job), user_errors })
    }
}

fn result((index, linked): (usize, hawser_domain::Result<document::Model>)) -> Result<DocumentLinkResult> {
    let path = ["input", "items", &index.to_string(), "cloudFileId"];
    let (document, user_errors) = error::about(&path, linked)?;
    Ok(DocumentLinkResult { document: document.map(Document), user_errors })
}
