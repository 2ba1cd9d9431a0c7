//! Creating, renaming, moving and ordering documents.

use async_graphql::{Context, InputObject, Object, OneofObject, Result, SimpleObject};
use hawser_domain::{
    Error,
    document::{self as documents, Model, Move, New, Rename, Reorder, Side},
};

use super::{Document, DocumentKind, token};
use crate::graphql::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
};

/// A document to create.
#[derive(InputObject)]
struct DocumentCreateInput {
    /// The folder or workspace to create it in; absent for workspaces and for nothing else.
    parent_id: Option<Id<of::Document>>,
    /// What it is.
    kind: DocumentKind,
    /// What it is to be called: 1 to 255 bytes, without slashes and control characters.
    name: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// Another name for a document.
#[derive(InputObject)]
struct DocumentRenameInput {
    /// The document.
    id: Id<of::Document>,
    /// The new name.
    name: String,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// Another place for a document.
#[derive(InputObject)]
struct DocumentMoveInput {
    /// The document; all that is below it comes along.
    id: Id<of::Document>,
    /// The folder or workspace to move it to.
    parent_id: Id<of::Document>,
    /// Another name on arrival; the same when absent.
    name: Option<String>,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// A place among siblings.
#[derive(OneofObject)]
enum DocumentPlaceInput {
    /// Right before this one.
    Before(Id<of::Document>),
    /// Right after this one.
    After(Id<of::Document>),
}

/// Another place among the children of an ordered folder.
#[derive(InputObject)]
struct DocumentReorderInput {
    /// The document.
    id: Id<of::Document>,
    /// Where to put it.
    place: DocumentPlaceInput,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub struct $name {
            /// The document as of now; null where nothing was changed.
            document: Option<Document>,
            /// What has to be mended first.
            user_errors: Vec<UserError>,
        }

        impl $name {
            pub(in crate::graphql) fn of(subject: &str, outcome: Result<Model, Error>) -> Result<Self> {
                let (document, user_errors) = error::about(&["input", subject], outcome)?;
                Ok(Self { document: document.map(Document), user_errors })
            }
        }
    )*};
}
pub(in crate::graphql) use payloads;

payloads! {
    /// The outcome of `documentCreate`.
    DocumentCreatePayload
    /// The outcome of `documentRename`.
    DocumentRenamePayload
    /// The outcome of `documentMove`.
    DocumentMovePayload
    /// The outcome of `documentReorder`.
    DocumentReorderPayload
}

#[derive(Default)]
pub struct DocumentMutation;

#[Object]
impl DocumentMutation {
    /// Creates a document. Anybody may create a workspace and has ADMIN there; everything else needs WRITE on its parent.
    async fn document_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to create.")] input: DocumentCreateInput,
    ) -> Result<DocumentCreatePayload> {
        let new = New { parent_id: input.parent_id.map(|id| id.0), kind: input.kind.into(), name: input.name };
        let key = input.idempotency_key.as_deref();
        DocumentCreatePayload::of("parentId", documents::create(app(ctx)?, viewer(ctx)?, new, key).await)
    }

    /// Renames a document. Needs WRITE on it.
    async fn document_rename(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and the new name.")] input: DocumentRenameInput,
    ) -> Result<DocumentRenamePayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        DocumentRenamePayload::of(
            "id",
            async {
                let expected_name_token = Some(token(&input.name_token)?);
                let rename = Rename { id: input.id.0, name: input.name, expected_name_token };
                documents::rename(app, who, rename, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }

    /// Moves a document with all that is below it. Needs WRITE on it and on both folders. Access rules of its own come
    /// along; inherited ones are those of the new place.
    async fn document_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and where to.")] input: DocumentMoveInput,
    ) -> Result<DocumentMovePayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        DocumentMovePayload::of(
            "id",
            async {
                let expected_name_token = Some(token(&input.name_token)?);
                let (id, parent_id) = (input.id.0, input.parent_id.0);
                let to = Move { id, parent_id, name: input.name, expected_name_token };
                documents::move_to(app, who, to, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }

    /// Puts a document before or after one of its siblings in an ordered folder. Needs WRITE on the folder.
    async fn document_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and where to.")] input: DocumentReorderInput,
    ) -> Result<DocumentReorderPayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let (side, sibling) = match input.place {
            DocumentPlaceInput::Before(id) => (Side::Before, id),
            DocumentPlaceInput::After(id) => (Side::After, id),
        };
        DocumentReorderPayload::of(
            "id",
            async {
                let expected_name_token = Some(token(&input.name_token)?);
                let order = Reorder { id: input.id.0, side, sibling_id: sibling.0, expected_name_token };
                documents::reorder(app, who, order, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }
}
