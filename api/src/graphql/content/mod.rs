//! What documents hold: cloud files, their state, and the addresses at which their bytes and pictures are to be had.

use async_graphql::{Context, Description, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    content,
    entity::content::{ContentState as DomainState, Model},
    providers::{ErrorKind, LinkKind},
    ticket::{self, Use},
};

use super::{
    caller::{app, viewer},
    connection::Connection,
    loaders::loaders,
    scalar::{Long, Url},
};

mod change;

pub use change::ContentMutation;

/// Whether the bytes of a content can be had.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub enum ContentState {
    /// The cloud has the file and lets us read it.
    Ok,
    /// Deleted, unshared or in the cloud's trash; heals by itself when the file comes back.
    Unavailable,
}

/// An address that works for a short while and for you only.
#[derive(SimpleObject)]
pub struct ExpiringUrl {
    /// The address.
    url: Url,
    /// Until when it works.
    expires_at: DateTime<Utc>,
}

/// How large a thumbnail is.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ThumbnailSize {
    /// At most 128 pixels on the longer side: for lists.
    Small,
    /// At most 512 pixels on the longer side.
    #[default]
    Large,
}

impl ThumbnailSize {
    fn door(self) -> &'static str {
        match self {
            Self::Small => "thumbnail?size=small",
            Self::Large => "thumbnail",
        }
    }
}

/// An application that can open a file in its cloud.
#[derive(SimpleObject)]
pub struct AppLink {
    /// What the application is called.
    name: String,
    /// Where it opens the file.
    url: Url,
    /// Its icon.
    icon_url: Option<Url>,
    /// Whether the cloud would choose it.
    is_default: bool,
}

/// A cloud file as a document holds it. What is said here was last said by the cloud.
#[derive(Description)]
pub struct Content {
    pub row: Model,
}

impl Content {
    fn url(&self, ctx: &Context<'_>, what: Use, door: &str) -> Result<ExpiringUrl> {
        let app = app(ctx)?;
        let ticket = ticket::mint(app, viewer(ctx)?, self.row.document_id, what)?;
        let url = Url(format!("{}/content/{}/{door}", app.config.public_url(), ticket.text));
        Ok(ExpiringUrl { url, expires_at: ticket.expires_at })
    }

    /// The address of a picture, where there is one.
    pub async fn thumbnail(&self, ctx: &Context<'_>, size: ThumbnailSize) -> Result<Option<ExpiringUrl>> {
        match content::has_thumbnail(app(ctx)?, &self.row).await? {
            true => self.url(ctx, Use::Thumbnail, size.door()).map(Some),
            false => Ok(None),
        }
    }

    async fn link(&self, ctx: &Context<'_>, kind: LinkKind) -> Result<Option<Url>> {
        let links = content::links(app(ctx)?, &self.row).await?;
        Ok(links.into_iter().find(|link| link.kind == kind).map(|link| Url(link.url)))
    }
}

#[Object(use_type_description)]
impl Content {
    /// Whether the bytes can be had.
    async fn state(&self) -> ContentState {
        self.row.state.into()
    }

    /// Since when they cannot; null while they can.
    async fn unavailable_since(&self) -> Option<DateTime<Utc>> {
        self.row.unavailable_since
    }

    /// Why they cannot: `TRASHED` in the cloud, `FORBIDDEN` by the owner or a rule over there, or `NOT_FOUND`, which may mean
    /// deleted or no longer shared.
    async fn unavailable_reason(&self) -> Option<&str> {
        self.row.unavailable_reason.as_deref()
    }

    /// The file's name in its cloud.
    async fn cloud_name(&self) -> &str {
        &self.row.remote_name
    }

    /// The cloud's own id of the file.
    async fn cloud_file_id(&self) -> &str {
        &self.row.remote_id
    }

    /// The shared drive it lies in; null for somebody's own drive.
    async fn drive_id(&self) -> Option<&str> {
        self.row.drive_id.as_deref()
    }

    /// The MIME type as the cloud says it.
    async fn mime_type(&self) -> &str {
        &self.row.mime_type
    }

    /// Bytes; null for documents the cloud keeps in a form of its own.
    async fn size(&self) -> Option<Long> {
        self.row.size.map(Long)
    }

    /// A hash of the bytes in hex, as the cloud computes it.
    async fn hash(&self) -> Option<&str> {
        self.row.hash.as_deref()
    }

    /// Which hash it is: `md5`, `sha1` or `sha256`.
    async fn hash_algorithm(&self) -> Option<&str> {
        self.row.hash_kind.as_deref()
    }

    /// The cloud's id of the current revision.
    async fn revision(&self) -> Option<&str> {
        self.row.revision.as_deref()
    }

    /// When the file was last changed in its cloud.
    async fn cloud_modified_at(&self) -> Option<DateTime<Utc>> {
        self.row.remote_modified_at
    }

    /// Who last changed it in its cloud, as the cloud calls them.
    async fn cloud_modified_by(&self) -> Result<Option<String>> {
        Ok(content::described(&self.row)?.last_modified_by)
    }

    /// Whether the cloud keeps it in a form of its own, so that it is exported instead of downloaded.
    async fn is_native(&self) -> Result<bool> {
        Ok(content::described(&self.row)?.is_native)
    }

    /// When Hawser last held it against the cloud.
    async fn checked_at(&self) -> DateTime<Utc> {
        self.row.checked_at
    }

    /// The connection through which it is read, where you may use it.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<Connection>> {
        Ok(loaders(ctx)?.connections.load_one(self.row.connection_id).await?.map(Connection))
    }

    /// Streams the bytes through Hawser, with ranges; documents of the cloud's own form come as PDF.
    async fn download(&self, ctx: &Context<'_>) -> Result<Option<ExpiringUrl>> {
        match self.row.state {
            DomainState::Ok => self.url(ctx, Use::Download, "download").map(Some),
            DomainState::Unavailable => Ok(None),
        }
    }

    /// Leads to the cloud's own download, for people who have access there themselves.
    async fn download_redirect(&self, ctx: &Context<'_>) -> Result<Option<ExpiringUrl>> {
        match self.link(ctx, LinkKind::Download).await? {
            Some(_) => self.url(ctx, Use::Redirect, "redirect").map(Some),
            None => Ok(None),
        }
    }

    /// Streams a PDF, where the cloud makes one or the file is one.
    async fn pdf(&self, ctx: &Context<'_>) -> Result<Option<ExpiringUrl>> {
        let file = content::described(&self.row)?;
        let pdf = "application/pdf";
        let offered = file.mime_type == pdf || file.export_types.iter().any(|mime| mime == pdf);
        match offered && self.row.state == DomainState::Ok {
            true => self.url(ctx, Use::Pdf, "pdf").map(Some),
            false => Ok(None),
        }
    }

    /// The cloud's own page for the file. It works with the viewer's own account there.
    async fn view_url(&self, ctx: &Context<'_>) -> Result<Option<Url>> {
        self.link(ctx, LinkKind::View).await
    }

    /// A page of the cloud that can be framed. It works with the viewer's own account there.
    async fn preview_url(&self, ctx: &Context<'_>) -> Result<Option<Url>> {
        self.link(ctx, LinkKind::Embed).await
    }

    /// Applications that open the file in its cloud. Asks the cloud.
    async fn app_links(&self, ctx: &Context<'_>) -> Result<Option<Vec<AppLink>>> {
        let links = match content::app_links(app(ctx)?, &self.row).await {
            Ok(links) => links,
            Err(hawser_domain::Error::Cloud(error)) if error.kind == ErrorKind::Unsupported => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let shown = links.into_iter().map(|link| AppLink {
            name: link.name,
            url: Url(link.url),
            icon_url: link.icon_url.map(Url),
            is_default: link.is_default,
        });
        Ok(Some(shown.collect()))
    }
}
