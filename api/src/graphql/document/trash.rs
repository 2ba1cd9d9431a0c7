//! Into the trash, back, and away for good.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use hawser_domain::{
    Error,
    document::{self as documents, Delete, Empty, Model, Restore, Trash},
};

use super::{Document, payloads, token};
use crate::graphql::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
};

/// A document to put into the trash.
#[derive(InputObject)]
struct DocumentTrashInput {
    /// The document; all that is below it goes along.
    id: Id<of::Document>,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// A document to take out of the trash.
#[derive(InputObject)]
struct DocumentRestoreInput {
    /// The document; what went into the trash along with it comes back, what was there before stays.
    id: Id<of::Document>,
    /// Another folder than the one it was in: needed while that one is in the trash itself.
    parent_id: Option<Id<of::Document>>,
    /// Another name: needed when a live document took the old one.
    name: Option<String>,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// A document to delete for good.
#[derive(InputObject)]
struct DocumentDeleteInput {
    /// A document in the trash; all that is below it is deleted too.
    id: Id<of::Document>,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// A trash to empty.
#[derive(InputObject)]
struct DocumentEmptyTrashInput {
    /// The workspace or folder whose trash it is.
    within_id: Id<of::Document>,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

payloads! {
    /// The outcome of `documentTrash`.
    DocumentTrashPayload
    /// The outcome of `documentRestore`.
    DocumentRestorePayload
}

/// The outcome of `documentDelete`.
#[derive(SimpleObject)]
struct DocumentDeletePayload {
    /// The document that is gone; null where nothing was deleted.
    deleted_id: Option<Id<of::Document>>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The outcome of `documentEmptyTrash`.
#[derive(SimpleObject)]
struct DocumentEmptyTrashPayload {
    /// The documents that had been put into the trash and are gone, without what went along with them.
    deleted_ids: Vec<Id<of::Document>>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct TrashMutation;

#[Object]
impl TrashMutation {
    /// Puts a document into the trash with all that is below it. Needs WRITE on it and on its folder; ADMIN on a workspace.
    async fn document_trash(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DocumentTrashInput,
    ) -> Result<DocumentTrashPayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        DocumentTrashPayload::of(
            "id",
            async {
                let trash = Trash { id: input.id.0, expected_name_token: Some(token(&input.name_token)?) };
                documents::trash(app, who, trash, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }

    /// Takes a document out of the trash. Needs what `documentTrash` needs, and WRITE on the folder it goes to.
    async fn document_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and where to.")] input: DocumentRestoreInput,
    ) -> Result<DocumentRestorePayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        DocumentRestorePayload::of(
            "id",
            async {
                let restore = Restore {
                    id: input.id.0,
                    parent_id: input.parent_id.map(|id| id.0),
                    name: input.name,
                    expected_name_token: Some(token(&input.name_token)?),
                };
                documents::restore(app, who, restore, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }

    /// Deletes a document of the trash for good, with all that is below it. Needs what `documentTrash` needs, and WRITE on
    /// everything below.
    async fn document_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DocumentDeleteInput,
    ) -> Result<DocumentDeletePayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let outcome: Result<_, Error> = async {
            let delete = Delete { id: input.id.0, expected_name_token: Some(token(&input.name_token)?) };
            documents::delete(app, who, delete, input.idempotency_key.as_deref()).await
        }
        .await;
        let (deleted, user_errors) = error::split(outcome)?;
        Ok(DocumentDeletePayload { deleted_id: deleted.map(Into::into), user_errors })
    }

    /// Deletes for good whatever lies in the trash of a place and may be deleted by you; the rest stays.
    async fn document_empty_trash(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose trash.")] input: DocumentEmptyTrashInput,
    ) -> Result<DocumentEmptyTrashPayload> {
        let empty = Empty { within: input.within_id.0 };
        let key = input.idempotency_key.as_deref();
        let (deleted, user_errors) =
            error::about(&["input", "withinId"], documents::empty_trash(app(ctx)?, viewer(ctx)?, empty, key).await)?;
        let deleted_ids = deleted.unwrap_or_default().into_iter().map(Into::into).collect();
        Ok(DocumentEmptyTrashPayload { deleted_ids, user_errors })
    }
}
