//! Documents: the type, how they are listed, and what changes them.

use async_graphql::{Context, Description, Enum, Object, Result};
use chrono::{DateTime, Utc};
use hawser_domain::{
    Error, acl as rules,
    acl::Permission as DomainPermission,
    content::described,
    document::{self as documents, DocumentKind as DomainKind, Model},
    extraction::facts,
};

use super::{
    acl::{AccessRules, Permission},
    audit::{self, AuditEntry},
    caller::{app, viewer},
    content::{Content, ExpiringUrl, ThumbnailSize},
    extraction::{self, DocumentMetadata, DocumentText, Extraction},
    loaders::{AclId, Below, loaders},
    node::{Id, of},
    page::{self, Asked},
    scalar::{Cursor, Long},
    user::User,
};

mod change;
mod list;
mod trash;

pub use change::DocumentMutation;
pub(in crate::graphql) use change::payloads;
pub use list::DocumentQuery;
pub use trash::TrashMutation;

/// What a document is to the people who use it.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub enum DocumentKind {
    /// Stands at the root and holds everything else.
    Workspace,
    /// Holds documents, by name.
    Folder,
    /// Holds documents in an order people choose.
    OrderedFolder,
    /// A file of any kind.
    File,
    /// An image.
    Picture,
    /// A film.
    Video,
    /// A sound.
    Audio,
}

/// Something in the tree: a workspace, a folder, or what is in them.
#[derive(Description, Clone)]
pub struct Document(pub Model);

#[Object(use_type_description)]
impl Document {
    /// The id of this document. It stays the same when the document is renamed or moved.
    pub async fn id(&self) -> Id<of::Document> {
        self.0.id.into()
    }

    /// What kind of document it is; it never changes.
    async fn kind(&self) -> DocumentKind {
        self.0.kind.into()
    }

    /// What it is called: unique among the live documents of a folder, whatever the case of the letters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The folder or workspace it is in; null for workspaces, and where you may not see it.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Document>> {
        match self.0.parent_id {
            Some(id) => Ok(loaders(ctx)?.documents.load_one(id).await?.map(Document)),
            None => Ok(None),
        }
    }

    /// The way from its workspace down to the folder it is in, for breadcrumbs. What you may not see is left out.
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Vec<Document>> {
        let found = loaders(ctx)?.ancestors.load_one(Below(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(Document).collect())
    }

    /// What is right below it, in the order of an ordered folder and by name elsewhere. Empty for what is no folder.
    #[allow(clippy::too_many_arguments, reason = "the executor's arguments are the schema's")]
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 20 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
        #[graphql(desc = "Another order than the usual one.")] order_by: Option<list::DocumentOrder>,
        #[graphql(desc = "Which of them; live ones of every kind unless told.")] filter: Option<list::DocumentFilter>,
    ) -> Result<page::Connection<Document>> {
        list::children(ctx, &self.0, Asked { first: page::nested(first, last), after, last, before }, order_by, filter)
            .await
    }

    /// Where it stands among the children of an ordered folder: smaller comes first. Only good for comparing; null in other
    /// places.
    async fn position(&self) -> Option<Long> {
        self.0.position.map(Long)
    }

    /// Changes whenever the content does. Opaque; compare for equality only.
    async fn content_token(&self) -> String {
        self.0.content_token.to_string()
    }

    /// Changes whenever name, place or life (trash, restore) do. Hand it to the mutations, which refuse to act on what
    /// you have not seen. Opaque; compare for equality only.
    async fn name_token(&self) -> String {
        self.0.name_token.to_string()
    }

    /// What it holds: a cloud file. Null for folders and for documents that hold nothing yet.
    async fn content(&self, ctx: &Context<'_>) -> Result<Option<Content>> {
        Ok(loaders(ctx)?.contents.load_one(self.0.id).await?.map(|row| Content { row }))
    }

    /// How far what it holds is read, and what came of it. Null for documents that hold nothing.
    async fn extraction(&self, ctx: &Context<'_>) -> Result<Option<Extraction>> {
        Ok(loaders(ctx)?.standings.load_one(self.0.id).await?.map(Extraction))
    }

    /// A piece of the text read out of what it holds; null where there is none (see `extraction`).
    async fn text(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to begin, in characters from 0.", default)] from: Long,
        #[graphql(desc = "How many characters, 100,000 at most.", default_with = "extraction::USUAL")] length: i32,
    ) -> Result<Option<DocumentText>> {
        match loaders(ctx)?.standings.load_one(self.0.id).await? {
            Some(standing) => extraction::text(ctx, &standing, from.0, length).await,
            None => Ok(None),
        }
    }

    /// What its file says of itself, and its cloud of it. Null for documents that hold nothing.
    async fn metadata(&self, ctx: &Context<'_>) -> Result<Option<DocumentMetadata>> {
        let Some(content) = loaders(ctx)?.contents.load_one(self.0.id).await? else { return Ok(None) };
        let standing = loaders(ctx)?.standings.load_one(self.0.id).await?;
        let extraction = standing.and_then(|standing| standing.extraction);
        let facts = facts(extraction.as_ref(), Some(&described(&content)?))?;
        Ok(Some(DocumentMetadata(facts)))
    }

    /// A small picture of what it holds, the right way up: the cloud's own, else one drawn here, renewed when the file has
    /// changed. Null where there is none.
    async fn thumbnail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How large.", default)] size: ThumbnailSize,
    ) -> Result<Option<ExpiringUrl>> {
        match loaders(ctx)?.contents.load_one(self.0.id).await? {
            Some(row) => (Content { row }).thumbnail(ctx, size).await,
            None => Ok(None),
        }
    }

    /// When it was created here.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Who created it; null when the server did, or when the person is gone.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        person(ctx, self.0.created_by).await
    }

    /// When name, place or content last changed.
    async fn modified_at(&self) -> DateTime<Utc> {
        self.0.modified_at
    }

    /// Who changed it last; null when the server did, or when the person is gone.
    async fn modified_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        person(ctx, self.0.modified_by).await
    }

    /// Since when it is in the trash; null while it is not.
    async fn trashed_at(&self) -> Option<DateTime<Utc>> {
        self.0.trashed_at
    }

    /// The document that was put into the trash and took this one along: itself, or a folder above it. Null while it is
    /// not in the trash.
    async fn trash_root(&self, ctx: &Context<'_>) -> Result<Option<Document>> {
        match self.0.trash_root_id {
            Some(id) => Ok(loaders(ctx)?.documents.load_one(id).await?.map(Document)),
            None => Ok(None),
        }
    }

    /// What you may do with it: READ alone, or also WRITE, or also ADMIN.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<Permission>> {
        let held = loaders(ctx)?.rights.load_one(AclId(self.0.acl_id)).await?;
        let all = [DomainPermission::Read, DomainPermission::Write, DomainPermission::Admin];
        Ok(all.into_iter().filter(|each| held >= Some(*each)).map(Permission::from).collect())
    }

    /// Who may do what with it; null unless you have ADMIN.
    async fn acl(&self, ctx: &Context<'_>) -> Result<Option<AccessRules>> {
        Ok(for_administrators(rules::rules(app(ctx)?, viewer(ctx)?, self.0.id).await)?.map(AccessRules))
    }

    /// What was done to it, newest first; null unless you have ADMIN.
    async fn audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 20 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<Option<page::Connection<AuditEntry>>> {
        let span = Asked { first: page::nested(first, last), after, last, before }.keys::<AuditEntry, _>(ctx)?;
        let rows = documents::history(app(ctx)?, viewer(ctx)?, self.0.id, &span).await;
        let Some(rows) = for_administrators(rows)? else { return Ok(None) };
        Ok(Some(page::page(rows, None, |row| row.id, audit::AuditEntry)?))
    }
}

async fn person(ctx: &Context<'_>, id: Option<uuid::Uuid>) -> Result<Option<User>> {
    match id {
        Some(id) => Ok(loaders(ctx)?.users.load_one(id).await?.map(User)),
        None => Ok(None),
    }
}

/// Fields that only some may see are null for others, and do not spoil the rest of the answer.
fn for_administrators<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotAllowed { .. } | Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a token as it was handed out.
pub(super) fn token(text: &str) -> Result<i64, Error> {
    let message = "this is no token; send the document's nameToken as it came";
    text.parse().map_err(|_| Error::invalid(&["input", "nameToken"], message))
}
