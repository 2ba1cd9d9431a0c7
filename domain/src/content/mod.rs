//! What documents hold: references to cloud files. Linking, keeping true, thumbnails, links and bytes.

mod apply;
mod bytes;
mod kind;
mod link;
mod links;
mod refresh;
mod thumbnail;

pub use apply::{Gone, Seen, apply};
pub use bytes::{download, pdf, redirect_target};
pub use kind::kind_of;
pub use link::{Item, MAX_ITEMS, link};
pub use links::{app_links, links};
pub use refresh::{ask_refresh, refresh};
pub(crate) use thumbnail::has_kept;
pub use thumbnail::{Shown, fetch_thumbnail, has_thumbnail, thumbnail};

use hawser_entity::content;
use hawser_providers::CloudFile;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{App, Result};

/// The content of a document the caller has already been allowed to read.
pub async fn of(app: &App, document_id: Uuid) -> Result<Option<content::Model>> {
    Ok(content::Entity::find_by_id(document_id).one(app.database.read()).await?)
}

/// The contents of documents the caller has already been allowed to read, in no order.
pub async fn of_many(app: &App, document_ids: &[Uuid]) -> Result<Vec<content::Model>> {
    let mut found = Vec::new();
    for chunk in document_ids.chunks(500) {
        let some = content::Entity::find().filter(content::Column::DocumentId.is_in(chunk.to_vec()));
        found.extend(some.all(app.database.read()).await?);
    }
    Ok(found)
}

/// The file as the cloud last described it.
pub fn described(content: &content::Model) -> Result<CloudFile> {
    Ok(serde_json::from_value(content.remote.clone())?)
}
