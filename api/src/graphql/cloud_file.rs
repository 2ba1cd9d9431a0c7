//! Files as they lie in a cloud, for choosing what to link.

use async_graphql::{Context, Description, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    cloud_file,
    content::kind_of,
    providers::{self, Listing, Place},
};

use super::{
    caller::{app, viewer},
    document::DocumentKind,
    error,
    node::{Id, of},
    scalar::{Cursor, Long, Url},
};

/// A file or folder in a cloud. It is no document until it is linked.
#[derive(Description)]
pub struct CloudFile(providers::CloudFile);

#[Object(use_type_description)]
impl CloudFile {
    /// The cloud's own id.
    async fn id(&self) -> &str {
        &self.0.id
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The MIME type as the cloud says it.
    async fn mime_type(&self) -> &str {
        &self.0.mime_type
    }

    /// Whether it holds other files: browse it instead of linking it.
    async fn is_folder(&self) -> bool {
        self.0.is_folder
    }

    /// Bytes; null for folders and for documents the cloud keeps in a form of its own.
    async fn size(&self) -> Option<Long> {
        self.0.size.and_then(|size| i64::try_from(size).ok()).map(Long)
    }

    /// When it was last changed.
    async fn modified_at(&self) -> Option<DateTime<Utc>> {
        self.0.modified_at
    }

    /// Whether it lies in the cloud's trash.
    async fn trashed(&self) -> bool {
        self.0.trashed
    }

    /// The shared drive it lies in; null for somebody's own drive.
    async fn drive_id(&self) -> Option<&str> {
        self.0.drive_id.as_deref()
    }

    /// To be passed along when browsing or linking, for files shared by link.
    async fn resource_key(&self) -> Option<&str> {
        self.0.resource_key.as_deref()
    }

    /// The cloud's own page for it.
    async fn view_url(&self) -> Option<Url> {
        self.0.web_url.clone().map(Url)
    }

    /// The cloud's icon for its type.
    async fn icon_url(&self) -> Option<Url> {
        self.0.icon_url.clone().map(Url)
    }

    /// The id it points to, when it is a shortcut; linking it links the target.
    async fn shortcut_target_id(&self) -> Option<&str> {
        self.0.shortcut.as_ref().map(|shortcut| shortcut.target_id.as_str())
    }

    /// What kind of document it would become; null for folders.
    async fn document_kind(&self) -> Option<DocumentKind> {
        (!self.0.is_folder).then(|| kind_of(&self.0.mime_type).into())
    }
}

/// A shared drive.
#[derive(SimpleObject)]
struct CloudDrive {
    /// The cloud's own id.
    id: String,
    /// Its name.
    name: String,
}

/// Some files of a cloud. A page may be empty and have a next one all the same.
#[derive(SimpleObject)]
struct CloudFilePage {
    /// The files.
    nodes: Vec<CloudFile>,
    /// Give it as `after` for the next page; null on the last.
    next: Option<Cursor>,
}

/// Some shared drives of a cloud.
#[derive(SimpleObject)]
struct CloudDrivePage {
    /// The drives.
    nodes: Vec<CloudDrive>,
    /// Give it as `after` for the next page; null on the last.
    next: Option<Cursor>,
}

/// Where to look. Without any field: the top of the account's own drive.
#[derive(InputObject, Default)]
struct CloudPlace {
    /// Inside this folder.
    folder_id: Option<String>,
    /// The folder's resource key, where it has one.
    resource_key: Option<String>,
    /// In this shared drive; with a folder: the drive the folder lies in.
    drive_id: Option<String>,
    /// Among the files others shared with the account. Cannot be combined with the others.
    shared_with_me: Option<bool>,
}

impl CloudPlace {
    fn read(self) -> Result<Place> {
        match (self.shared_with_me.unwrap_or(false), self.folder_id, self.drive_id) {
            (true, None, None) => Ok(Place::SharedWithMe),
            (true, ..) => Err(error::bad_input("`sharedWithMe` cannot be combined with a folder or a drive")),
            (false, Some(id), drive_id) => Ok(Place::Folder { id, drive_id, resource_key: self.resource_key }),
            (false, None, Some(drive)) => Ok(Place::Drive(drive)),
            (false, None, None) => Ok(Place::Root),
        }
    }
}

fn listing(first: Option<i32>, page: Option<Cursor>) -> Result<Listing> {
    match first.unwrap_or(50) {
        first @ 1..=100 => Ok(Listing { size: Some(first.unsigned_abs()), page: page.map(|cursor| cursor.0) }),
        first => Err(error::bad_input(format!("`first` lies between 1 and 100, not {first}"))),
    }
}

fn shown(page: providers::Page<providers::CloudFile>) -> CloudFilePage {
    CloudFilePage { nodes: page.items.into_iter().map(CloudFile).collect(), next: page.next.map(Cursor) }
}

#[derive(Default)]
pub struct CloudFileQuery;

#[Object]
impl CloudFileQuery {
    /// What lies in a place of a cloud, folders first.
    async fn cloud_files(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The connection to look through.")] connection_id: Id<of::Connection>,
        #[graphql(desc = "Where to look.")] place: Option<CloudPlace>,
        #[graphql(desc = "How many, 50 when absent and 100 at most.")] first: Option<i32>,
        #[graphql(desc = "`next` of the page before. There is no way back: clouds list forward only.")] after: Option<
            Cursor,
        >,
    ) -> Result<CloudFilePage> {
        let (place, listing) = (place.unwrap_or_default().read()?, listing(first, after)?);
        Ok(shown(cloud_file::browse(app(ctx)?, viewer(ctx)?, connection_id.0, place, listing).await?))
    }

    /// Files of a cloud whose name or text matches, anywhere the account may look.
    async fn cloud_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The connection to search through.")] connection_id: Id<of::Connection>,
        #[graphql(desc = "The words to look for.")] query: String,
        #[graphql(desc = "How many, 50 when absent and 100 at most.")] first: Option<i32>,
        #[graphql(desc = "`next` of the page before. There is no way back: clouds list forward only.")] after: Option<
            Cursor,
        >,
    ) -> Result<CloudFilePage> {
        let listing = listing(first, after)?;
        Ok(shown(cloud_file::search(app(ctx)?, viewer(ctx)?, connection_id.0, &query, listing).await?))
    }

    /// The shared drives the account is a member of.
    async fn cloud_drives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The connection to look through.")] connection_id: Id<of::Connection>,
        #[graphql(desc = "How many, 50 when absent and 100 at most.")] first: Option<i32>,
        #[graphql(desc = "`next` of the page before. There is no way back: clouds list forward only.")] after: Option<
            Cursor,
        >,
    ) -> Result<CloudDrivePage> {
        let listing = listing(first, after)?;
        let page = cloud_file::drives(app(ctx)?, viewer(ctx)?, connection_id.0, listing).await?;
        let nodes = page.items.into_iter().map(|drive| CloudDrive { id: drive.id, name: drive.name }).collect();
        Ok(CloudDrivePage { nodes, next: page.next.map(Cursor) })
    }
}
